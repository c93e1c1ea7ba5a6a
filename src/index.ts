// The library for worker programs: the sockets that they inherit, and the word that they are ready. It is bundled by
// itself, so it imports nothing of the superdaemon and no package.

import type { BindOptions, Socket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync, fstatSync, writeSync } from 'node:fs';
import type { ListenOptions, Server } from 'node:net';

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

/**
 * The sockets that the superdaemon has bound: name → descriptor number, in the order of its options; empty when it was
 * given none.
 *
 * @throws Error when no superdaemon has started this program (SERVER_STARTER_PORT is not set), as Perl's
 *   Server::Starter::server_ports does; when the variable cannot be read; when two sockets have the same name (TCP and
 *   UDP on one port: bind one of them by its address).
 */
export function serverPorts(): ReadonlyMap<string, number> {
  const text = process.env.SERVER_STARTER_PORT;
  if (text === undefined) throw new Error('SERVER_STARTER_PORT is not set: not started by a superdaemon');
  const ports = new Map<string, number>();
  for (const entry of text === '' ? [] : text.split(';')) {
    // A path may have an equals sign, too: the last one counts.
    const { name, fd } = /^(?<name>.+)=(?<fd>\d{1,9})$/s.exec(entry)?.groups ?? {};
    if (name === undefined) throw new Error(`SERVER_STARTER_PORT: ${JSON.stringify(entry)} is not name=fd`);
    if (ports.has(name)) throw new Error(`SERVER_STARTER_PORT: two sockets have the name ${name}`);
    ports.set(name, Number(fd));
  }
  return ports;
}

/**
 * Makes a server (net, tls, http, https, http2) or a dgram socket listen on the socket that it inherits or, without a
 * superdaemon, on the fallback. Says nothing about readiness: see `ready`.
 *
 * @param where the fallback alone, or an object with the `name` of the socket and the `fallback`.
 * @returns the same server, once it listens.
 * @throws Error (by rejection) when it cannot listen, when there are several sockets and no name, when no socket has
 *   that name, when there is no superdaemon and no fallback; and those of `serverPorts`.
 */
export async function listen<T extends Server | Socket>(
  server: T,
  where?: Exclude<Fallback, object> | Listener,
): Promise<T> {
  const start = starter(server, typeof where === 'object' ? where : { fallback: where });
  // First, since dgram says so at once; caught, since `start` may throw, and then nobody awaits it.
  const listening = once(server, 'listening');
  listening.catch(() => {});
  start();
  await listening;
  return server;
}

/**
 * Tells the superdaemon (`--ready=notify`) that this worker is ready, on the pipe in NOTIFY_FD: once, later calls do
 * nothing. NOTIFY_SOCKET alone will not do, because Node cannot send Unix datagrams.
 *
 * @param status a line for people, shown by `--status`.
 * @returns whether anybody was told; false when nobody has asked.
 * @throws Error when NOTIFY_FD is not the number of an open pipe.
 */
export function ready(status?: string): boolean {
  const text = process.env.NOTIFY_FD;
  if (text === undefined || text === '') return false;
  // Removed first: whatever this program starts has another descriptor at that number.
  delete process.env.NOTIFY_FD;
  const fd = pipeNumber(text);
  try {
    writeSync(fd, status === undefined ? '\n' : `STATUS=${status.replace(/\s+/g, ' ')}\nREADY=1\n`);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') return false; // Nobody waits for it any more.
    throw error;
  } finally {
    closeSync(fd);
  }
}

function starter(server: Server | Socket, { name, fallback }: Listener): () => void {
  if (process.env.SERVER_STARTER_PORT !== undefined) {
    const fd = pick(serverPorts(), name);
    return () => inherit(server, fd);
  }
  if (fallback !== undefined) return () => open(server, fallback);
  throw new Error('nowhere to listen: not started by a superdaemon, and no fallback is given');
}

function pick(ports: ReadonlyMap<string, number>, name: string | undefined): number {
  const names = [...ports.keys()].join(', ') || 'none';
  if (name === undefined && ports.size > 1) throw new Error(`which socket? name one of: ${names}`);
  const fd = name === undefined ? [...ports.values()][0] : ports.get(name);
  if (fd === undefined) throw new Error(`no socket ${name ?? 'was inherited'}; there are: ${names}`);
  return fd;
}

function inherit(server: Server | Socket, fd: number): void {
  if (!('bind' in server)) server.listen({ fd }, LONGEST_BACKLOG);
  // Node takes 0 for no descriptor at all, and would bind a port at random.
  else if (fd === 0) throw new Error('Node cannot use a datagram socket as descriptor 0');
  else server.bind({ fd });
}

function open(server: Server | Socket, fallback: Fallback): void {
  if (!('bind' in server)) server.listen(fallback);
  else if (typeof fallback === 'object') server.bind(fallback as BindOptions);
  else server.bind(Number(fallback));
}

function pipeNumber(text: string): number {
  try {
    if (/^\d{1,9}$/.test(text) && fstatSync(Number(text)).isFIFO()) return Number(text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EBADF') throw error;
  }
  throw new Error(`NOTIFY_FD=${text} is not an open pipe`);
}
