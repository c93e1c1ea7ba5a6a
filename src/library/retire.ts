// How a server goes without losing a request, on Node 20 to 26.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2Session, ServerHttp2Stream } from 'node:http2';
import { Server, type Socket } from 'node:net';
import { answerOn, connectionsOf, isAskedOn } from './connections.ts';

export interface Retirement {
  /** After so many milliseconds the connections that are left are cut. Default 30 000; Infinity for never. */
  readonly limitMs?: number | undefined;
}

/** When http2 sessions without another request are ended: what http promises idle connections by keepAliveTimeout. */
const QUIET_SESSION_MS = 5_000;

/** Node takes a longer time for one millisecond. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const retired = new WeakMap<Server, Promise<void>>();

/**
 * Takes no more connections, and lets those that there are come to their end: requests are answered, each with
 * `Connection: close` (http2: GOAWAY), so that the client asks somebody else next. Idle ones stay for the server's
 * keepAliveTimeout, as it has promised its clients, so that a request that is on its way meets somebody. What is left
 * after `limitMs` is cut, upgraded connections (WebSocket) too; those of a server that has not listened by `listen` or
 * `serve` only as far as http knows them. Nothing here keeps the process alive.
 *
 * @param server of net, tls, http, https or http2. One that does not listen yet is closed as soon as it does.
 * @throws TypeError when `server` is none.
 * @returns a promise of its `close` event: databases and queues may be closed then. Calls after the first one change
 *   nothing and return the same.
 */
export function retire(server: Server, { limitMs = 30_000 }: Retirement = {}): Promise<void> {
  refuseWhatIsNoServer(server);
  const before = retired.get(server);
  if (before !== undefined) return before;
  const closed = new Promise<void>((resolve) => server.once('close', resolve));
  retired.set(server, closed);
  const { sockets, sessions } = connectionsOf(server);
  sendClientsAway(server);
  stopAccepting(server);
  const timers = [
    setTimeout(() => sessions.forEach(end), QUIET_SESSION_MS).unref(),
    setTimeout(() => cut(server, sockets), Math.min(limitMs, LONGEST_TIMER_MS)).unref(),
  ];
  closed.then(() => timers.forEach(clearTimeout));
  return closed;
}

function refuseWhatIsNoServer(server: unknown): void {
  if (server instanceof Server) return;
  const what = server === undefined || server === null ? String(server) : 'something else';
  throw new TypeError(
    typeof server === 'function'
      ? 'retire takes the server, not a function: what serve, or createServer(app), has returned'
      : `retire takes a server of net, tls, http, https or http2, not ${what}`,
  );
}

function stopAccepting(server: Server): void {
  // net's, for all of them: http's own cuts idle connections at once, with a request on its way, maybe, and from Node
  // 26.4 on also those that have not sent a byte yet (nodejs/node#63470); so does http2's, for HTTP/1.
  const close = () => void Server.prototype.close.call(server);
  if (!server.listening) server.once('listening', close);
  close();
}

/** A server that has closed may listen once more, and then go once more. */
export function forgetRetirement(server: Server): void {
  retired.delete(server);
  for (const event of requestEvents) server.off(event, sayClose);
  server.off('stream', endAfter);
}

/** With the next answer that each of them gets; behind several requests in a row (pipelining) with the last one. */
export function sendClientsAway(server: Server): void {
  const { sockets, secured } = connectionsOf(server);
  for (const socket of [...sockets, ...secured]) closeBehindLast(socket);
  for (const event of requestEvents) {
    // Not where nobody listens: the listener alone would make http2 emit requests, and http leave expectations to it.
    if (server.listenerCount(event) > 0) server.prependListener(event, sayClose);
  }
  server.prependListener('stream', endAfter);
}

const requestEvents = ['request', 'checkContinue', 'checkExpectation'] as const;

function endAfter({ session }: ServerHttp2Stream): void {
  // GOAWAY names the last request that is answered, so those that came in the same packet first.
  if (session !== undefined) setImmediate(end, session);
}

/** The answers that say so by us. */
const closing = new WeakMap<Socket, ServerResponse>();

function closeBehindLast(socket: Socket): void {
  const answer = answerOn(socket);
  if (answer === undefined) return;
  if (isAskedOn(socket, answer)) answer.once('finish', () => closeBehindLast(socket));
  else if (!answer.headersSent) closeBehind(socket, answer);
}

function sayClose({ httpVersionMajor, socket }: IncomingMessage, response: ServerResponse): void {
  if (httpVersionMajor !== 1) return;
  const before = closing.get(socket);
  // Its client has asked on before it was told.
  if (before?.headersSent === false) before.removeHeader('Connection');
  closeBehind(socket, response);
}

function closeBehind(socket: Socket, answer: ServerResponse): void {
  answer.setHeader('Connection', 'close');
  closing.set(socket, answer);
}

function end(session: Http2Session): void {
  session.close();
}

function cut(server: Server, sockets: ReadonlySet<Socket>): void {
  if ('closeAllConnections' in server && typeof server.closeAllConnections === 'function') {
    server.closeAllConnections();
  }
  for (const socket of sockets) socket.destroy();
}
