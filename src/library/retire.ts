// How a server goes without losing a request, on Node 20 to 26.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2Session, ServerHttp2Stream } from 'node:http2';
import { Server } from 'node:net';
import { type Connections, connectionsOf } from './connections.ts';

export interface Retirement {
  /** After so many milliseconds the connections that are left are cut. Default 30 000. */
  readonly limitMs?: number | undefined;
}

/** How long an http2 session may be quiet before it is ended: what http promises by keepAliveTimeout. */
const QUIET_SESSION_MS = 5_000;

const retired = new WeakMap<Server, Promise<void>>();

/**
 * Takes no more connections, and lets those that there are come to their end: requests are answered, each with
 * `Connection: close` (http2: GOAWAY), so that the client asks somebody else next. Idle ones stay for the server's
 * keepAliveTimeout, as it has promised its clients, so that a request that is on its way meets somebody. What is left
 * after `limitMs` is cut, upgraded connections (WebSocket) too; those of a server that has not listened by `listen` or
 * `serve` only as far as http knows them. Nothing here keeps the process alive.
 *
 * @param server of net, tls, http, https or http2. One that does not listen yet is closed as soon as it does.
 * @returns a promise of its `close` event: databases and queues may be closed then. Calls after the first one change
 *   nothing and return the same.
 */
export function retire(server: Server, { limitMs = 30_000 }: Retirement = {}): Promise<void> {
  const before = retired.get(server);
  if (before !== undefined) return before;
  const closed = new Promise<void>((resolve) => server.once('close', resolve));
  retired.set(server, closed);
  const connections = connectionsOf(server);
  partFromClients(server, connections);
  stopAccepting(server);
  const limit = setTimeout(() => cut(server, connections), limitMs).unref();
  closed.then(() => clearTimeout(limit));
  return closed;
}

function stopAccepting(server: Server): void {
  // net's, for all of them: http's own cuts idle connections at once, with a request on its way, maybe, and from Node
  // 26.4 on also those that have not sent a byte yet (nodejs/node#63470); so does http2's, for HTTP/1.
  const close = () => void Server.prototype.close.call(server);
  close();
  server.once('listening', close);
}

function partFromClients(server: Server, { sessions }: Connections): void {
  for (const event of ['request', 'checkContinue', 'checkExpectation']) {
    // Not where nobody listens: the listener alone would make http2 emit requests, and http leave expectations to it.
    if (server.listenerCount(event) > 0) server.prependListener(event, sayClose);
  }
  server.prependListener('stream', ({ session }: ServerHttp2Stream) => {
    // GOAWAY names the last request that is answered, so those that came in the same packet first.
    if (session !== undefined) setImmediate(() => endSession(session));
  });
  for (const session of sessions) endWhenQuiet(session);
  server.on('session', endWhenQuiet);
}

function sayClose({ httpVersionMajor }: IncomingMessage, response: ServerResponse): void {
  if (httpVersionMajor === 1) response.setHeader('Connection', 'close');
}

function endWhenQuiet(session: Http2Session): void {
  session.setTimeout(QUIET_SESSION_MS, () => endSession(session));
}

function endSession(session: Http2Session): void {
  if (!session.closed) session.close();
}

function cut(server: Server, { sockets }: Connections): void {
  if ('closeAllConnections' in server && typeof server.closeAllConnections === 'function') {
    server.closeAllConnections();
  }
  for (const socket of sockets) socket.destroy();
}
