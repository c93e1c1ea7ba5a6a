import type { BindOptions, Socket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import { type ListenOptions, Server } from 'node:net';
import { connectionsOf } from './connections.ts';
import { descriptorError } from './descriptor.ts';
import { preload } from './preload.ts';
import { serverPorts, underSuperdaemon } from './server-ports.ts';

/** A port, a path or options, as `server.listen()` and `socket.bind()` take them. A port may be text. */
export type Fallback = number | string | ListenOptions | BindOptions;

export interface Listener {
  /** Which socket, by its name in SERVER_STARTER_PORT (`8080`, `127.0.0.1:8080`, `/app.sock`). The only one needs no name. */
  readonly name?: string;
  /** Where to listen when no superdaemon has started this program. */
  readonly fallback?: Fallback | undefined;
}

/** More than any kernel allows, so that its own limit counts; Node would cut the superdaemon's queue to 511. */
const LONGEST_BACKLOG = 65_535;

const NO_FALLBACK = 'no fallback is given: a port, a path, or { fallback: { port: 3000 } }';

/**
 * Makes a server (net, tls, http, https, http2) or a dgram socket listen on the socket that it inherits or, without a
 * superdaemon, on the fallback. Says nothing about readiness: see `ready`.
 *
 * @param where the fallback alone, or an object with the `name` of the socket and the `fallback`.
 * @returns the same server, once it listens.
 * @throws Error (by rejection) when it cannot listen, when the descriptor is not the socket any more, when there are
 *   several sockets and no name, when no socket has that name, when there is no superdaemon and no fallback; those of
 *   `serverPorts`; TypeError when `server` is none.
 */
export async function listen<T extends Server | Socket>(
  server: T,
  where?: Exclude<Fallback, object> | Listener,
): Promise<T> {
  refuseWhatIsNoServer(server);
  preload()?.leaveReadyToProgram();
  const { name, fallback } = placeOf(where);
  // Before the first connection: it has to know them all when it retires.
  if (server instanceof Server) connectionsOf(server);
  if (underSuperdaemon()) await inherit(server, pick(serverPorts(), name));
  else if (fallback !== undefined) await started(server, () => open(server, fallback));
  else throw new Error(`nowhere to listen: not started by a superdaemon, and ${NO_FALLBACK}`);
  return server;
}

/** Who calls us from JavaScript may give null, as he would undefined. */
function placeOf(where: Exclude<Fallback, object> | Listener | null | undefined): Listener {
  return typeof where === 'object' ? (where ?? {}) : { fallback: where };
}

function refuseWhatIsNoServer(server: unknown): void {
  if (typeof server === 'function') {
    throw new TypeError('listen takes a server, not a function: serve(app), or listen(createServer(app))');
  }
  if (server instanceof Server || (server instanceof EventEmitter && 'bind' in server)) return;
  const what = server === undefined || server === null ? String(server) : 'something else';
  throw new TypeError(
    `listen takes a server of net, tls, http, https or http2, or a dgram socket, not ${what}`,
  );
}

function pick(ports: ReadonlyMap<string, number>, name: string | undefined): number {
  const names = [...ports.keys()].join(', ') || 'none';
  if (name === undefined && ports.size > 1) throw new Error(`which socket? name one of: ${names}`);
  const fd = name === undefined ? [...ports.values()][0] : ports.get(name);
  if (fd === undefined) throw new Error(`no socket ${name ?? 'was inherited'}; there are: ${names}`);
  return fd;
}

async function inherit(server: Server | Socket, fd: number): Promise<void> {
  // Node takes 0 for no descriptor at all, and would bind a port at random.
  if ('bind' in server && fd === 0) throw new Error('Node cannot use a datagram socket as descriptor 0');
  const start = () => ('bind' in server ? server.bind({ fd }) : server.listen({ fd }, LONGEST_BACKLOG));
  try {
    await started(server, start);
  } catch (error) {
    throw descriptorError(fd, error);
  }
}

async function started(server: Server | Socket, start: () => void): Promise<void> {
  // First, since dgram says so at once; caught, since `start` may throw, and then nobody awaits it.
  const listening = once(server, 'listening');
  listening.catch(() => {});
  start();
  await listening;
}

function open(server: Server | Socket, fallback: Fallback): void {
  if (!('bind' in server)) server.listen(fallback);
  else if (typeof fallback === 'object') server.bind(fallback as BindOptions);
  else server.bind(Number(fallback));
}
