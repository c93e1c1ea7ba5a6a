// A program that ends itself may cut connections that it takes for idle (http-graceful-shutdown, and so Nitro), or answer
// 503 from then on (Fastify). So before it hears the signal its clients are sent away, and nobody new comes.

import type { Server, Socket } from 'node:net';
import { connectionsOf } from '../connections.ts';
import { sendClientsAway } from '../retire.ts';
import { closeCompanions } from './companions.ts';
import type { Place } from './places.ts';

/** What http promises idle connections by its default keepAliveTimeout. */
const LIMIT_MS = 5_000;
const LOOK_AGAIN_MS = 20;

interface HttpServer extends Server {
  closeIdleConnections(): void;
  _handle: { close(): void } | null;
}

export interface Drained {
  readonly signals: readonly NodeJS.Signals[];
  readonly places: readonly Place[];
  readonly isHeardByProgram: (signal: NodeJS.Signals) => boolean;
}

/** Before anybody listens to a signal: Node binds `process.emit` as it is then. */
export function drainFirst({ signals, places, isHeardByProgram }: Drained): void {
  const emit = process.emit as (...args: unknown[]) => boolean;
  /** The arguments of what is kept from the program; undefined: nothing is, any more. */
  let held: Map<unknown, readonly unknown[]> | undefined = new Map();
  const release = () => {
    const signalled = held;
    held = undefined;
    for (const args of signalled?.values() ?? []) emit.apply(process, [...args]);
  };
  const hold = (args: readonly unknown[]): boolean => {
    const [name] = args;
    const signal = signals.find((each) => each === name);
    if (held === undefined || signal === undefined || !isHeardByProgram(signal)) return false;
    const servers = httpServers(places);
    if (held.size === 0 && servers.length === 0) return false;
    held.set(signal, args);
    if (held.size === 1) drain(servers, release);
    return true;
  };
  process.emit = function (this: NodeJS.Process, ...args: unknown[]): boolean {
    return hold(args) || emit.apply(this, args);
  } as typeof process.emit;
}

function httpServers(places: readonly Place[]): HttpServer[] {
  return places.flatMap(({ taker }) => (taker !== undefined && isHttp(taker) ? [taker] : []));
}

/** Not http2, whose clients GOAWAY tells. */
function isHttp(taker: object): taker is HttpServer {
  return 'maxRequestsPerSocket' in taker && '_handle' in taker && taker._handle !== null;
}

function drain(servers: readonly HttpServer[], drained: () => void): void {
  for (const server of servers) {
    sendClientsAway(server);
    stopAccepting(server);
  }
  const deadline = performance.now() + LIMIT_MS;
  const look = () => {
    const isOver = performance.now() > deadline;
    if (!isOver && servers.some(hasClients)) return void setTimeout(look, LOOK_AGAIN_MS);
    if (isOver) for (const server of servers) server.closeIdleConnections();
    drained();
  };
  look();
}

/** To the program it listens, until it closes it. */
function stopAccepting(server: HttpServer): void {
  const address = server.address();
  server.address = () => address;
  closeCompanions(server);
  server._handle?.close();
}

/** Those that were upgraded have no parser of http's any more, and are the program's. */
function hasClients(server: HttpServer): boolean {
  const { sockets, secured } = connectionsOf(server);
  return [...sockets, ...secured].some((socket: Socket & { parser?: unknown }) => socket.parser);
}
