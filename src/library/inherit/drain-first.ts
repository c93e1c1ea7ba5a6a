// A program that ends itself may cut connections that it takes for idle (http-graceful-shutdown, and so Nitro), or answer
// 503 from then on (Fastify). So before it hears the signal its clients are sent away, and nobody new comes.

import type { Http2Session } from 'node:http2';
import type { Server, Socket } from 'node:net';
import { answerOn, connectionsOf } from '../connections.ts';
import { sendClientsAway } from '../retire.ts';
import { closeCompanions } from './companions.ts';
import type { Place } from './places.ts';
import type { SignalGate } from './signal-gate.ts';

/** What http promises idle connections by its default keepAliveTimeout. */
const LONGEST_MS = 5_000;
/** An event stream that has not ended by then ends when the program ends it. */
const STREAM_MS = 500;
const LOOK_AGAIN_MS = 20;

interface HttpServer extends Server {
  closeIdleConnections?(): void;
  _handle: { close(): void } | null;
}

type Client = Socket | Http2Session;

export interface Drained {
  readonly gate: SignalGate;
  readonly signals: readonly NodeJS.Signals[];
  readonly places: readonly Place[];
  readonly isHeardByProgram: (signal: NodeJS.Signals) => boolean;
  /** What the primary of a cluster has accepted goes to its forks; undefined: this is none. */
  readonly handOn: () => Promise<void> | undefined;
  /** After one of them it gets SIGKILL, and before that its program has to have its share of them. */
  readonly limitsMs: readonly number[];
}

export function drainFirst({
  gate,
  signals,
  places,
  isHeardByProgram,
  handOn,
  limitsMs,
}: Drained): SignalGate['holds'] {
  const limitMs = Math.min(LONGEST_MS, ...limitsMs.map((limit) => limit / 2));
  /** The arguments of what is kept from the program; undefined: nothing is, any more. */
  let held: Map<unknown, readonly unknown[]> | undefined = new Map();
  const release = () => {
    const signalled = held;
    held = undefined;
    for (const args of signalled?.values() ?? []) gate.pass(args);
  };
  return (args) => {
    const [name] = args;
    const signal = signals.find((each) => each === name);
    // Asked in any case: afterwards a listener by `once` is none any more.
    if (signal === undefined || !isHeardByProgram(signal) || held === undefined) return false;
    const isFirst = held.size === 0;
    const servers = isFirst ? httpServers(places) : [];
    const handedOn = isFirst ? handOn() : undefined;
    if (isFirst && servers.length === 0 && handedOn === undefined) return false;
    held.set(signal, args);
    tellHidden(signal);
    if (isFirst) void Promise.all([drain(servers, limitMs), handedOn]).then(release);
    return true;
  };
}

/** tsx has one that `process.listeners` does not show: where that does not hear in 30 ms of a Ctrl-C, the runner sends SIGKILL. */
function tellHidden(signal: NodeJS.Signals): void {
  const shown: readonly unknown[] = process.listeners(signal);
  for (const each of process.rawListeners(signal)) {
    const { listener = each } = each as { readonly listener?: unknown }; // Node's wrapper of `once` has one.
    if (!shown.includes(listener)) each.call(process, signal);
  }
}

function httpServers(places: readonly Place[]): HttpServer[] {
  return places.flatMap(({ taker }) => (taker !== undefined && isHttp(taker) ? [taker] : []));
}

/** The second method is that of http2. */
function isHttp(taker: object): taker is HttpServer {
  const isOne = 'maxRequestsPerSocket' in taker || 'updateSettings' in taker;
  return isOne && '_handle' in taker && taker._handle !== null;
}

async function drain(servers: readonly HttpServer[], limitMs: number): Promise<void> {
  for (const server of servers) {
    sendClientsAway(server);
    stopAccepting(server);
  }
  const began = performance.now();
  for (;;) {
    const lasted = performance.now() - began;
    const isWaitedFor = lasted > STREAM_MS ? (client: Client) => !hasEventStream(client) : () => true;
    if (!servers.some((server) => clientsOf(server).some(isWaitedFor))) return;
    if (lasted > limitMs) break;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  for (const server of servers) {
    server.closeIdleConnections?.();
    for (const session of connectionsOf(server).sessions) session.close();
  }
}

/** To the program it listens, until it closes it. */
function stopAccepting(server: HttpServer): void {
  const address = server.address();
  server.address = () => address;
  closeCompanions(server);
  server._handle?.close();
}

/** Those that were upgraded have no parser of http's any more, and are the program's. */
function clientsOf(server: HttpServer): Client[] {
  const { sockets, secured, sessions } = connectionsOf(server);
  const clients = [...sockets, ...secured].filter((socket: Socket & { parser?: unknown }) => socket.parser);
  return [...clients, ...sessions];
}

/** In the head as it has gone, for `writeHead` gives its headers to nobody else. */
function hasEventStream(client: Client): boolean {
  const { _header: head } = (answerOn(client) ?? {}) as { readonly _header?: string | null };
  return /^content-type: *text\/event-stream/im.test(head ?? '');
}
