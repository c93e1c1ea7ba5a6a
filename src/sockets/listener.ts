// A spec → a bound, listening, blocking descriptor. Blocking for the workers' sake: the superdaemon itself never accepts
// on it and never polls it, so a connection made while no worker runs waits in the kernel's queue.

import { lookup } from 'node:dns/promises';
import { isIPv4 } from 'node:net';
import { toBytes } from '../posix/bytes.ts';
import { closeQuietly } from '../posix/descriptor.ts';
import { bind, listen, memory, setsockopt, socket } from '../posix/libc.ts';
import { removeOwnFile } from '../posix/own-file.ts';
import { platform } from '../posix/platform.ts';
import { type SocketAddress, sockaddr } from '../posix/sockaddr.ts';
import { reason } from '../posix/system-error.ts';
import { StartupError } from '../startup-error.ts';
import { chooseNumbers, type FdEntry, park, type WorkerDescriptors } from './fd-table.ts';
import { bindWithAccess, type PathAccess } from './path-access.ts';
import type { InternetSpec, SocketSpec, UnixSpec } from './socket-spec.ts';
import { clearPath, takeTurnAt } from './unix-path.ts';

export interface Listener extends FdEntry, Disposable {
  readonly spec: SocketSpec;
}

export interface BindOptions {
  /** Connections that the kernel may queue. */
  readonly backlog: number;
  readonly pathAccess: PathAccess;
  readonly warn: (line: string) => void;
}

interface Request extends BindOptions {
  /** The number of the descriptor in the worker, and those of all its sockets. */
  readonly to: number;
  readonly targets: ReadonlySet<number>;
}

/** All of them, in order, or none: throws a StartupError that names the option. */
export async function openListeners(
  specs: readonly SocketSpec[],
  options: BindOptions & WorkerDescriptors,
): Promise<Disposable & { readonly listeners: readonly Listener[] }> {
  const numbers = chooseNumbers(specs, options);
  const targets = new Set(numbers);
  const listeners: Listener[] = [];
  const release = () => {
    for (const listener of listeners.splice(0).reverse()) listener[Symbol.dispose]();
  };
  try {
    for (const [index, to] of numbers.entries()) {
      const spec = specs[index];
      if (spec !== undefined) listeners.push(await openListener(spec, { ...options, to, targets }));
    }
  } catch (error) {
    release();
    throw error;
  }
  return { listeners, [Symbol.dispose]: release };
}

async function openListener(spec: SocketSpec, request: Request): Promise<Listener> {
  try {
    return spec.kind === 'unix' ? await openUnix(spec, request) : await openInternet(spec, request);
  } catch (error) {
    if (error instanceof StartupError) throw error;
    throw new StartupError(`${spec.option}: cannot listen: ${reason(error)}`, { cause: error });
  }
}

async function openInternet(spec: InternetSpec, request: Request): Promise<Listener> {
  const address = await resolve(spec);
  const domain = spec.family === 'ipv4' ? platform.AF_INET : platform.AF_INET6;
  const fd = openSocket(domain, spec.kind === 'udp' ? platform.SOCK_DGRAM : platform.SOCK_STREAM, request);
  return closedOnFailure(fd, () => {
    setFlag(fd, platform.SOL_SOCKET, platform.SO_REUSEADDR);
    if (spec.family === 'ipv6') setFlag(fd, platform.IPPROTO_IPV6, platform.IPV6_V6ONLY);
    bindTo(fd, address);
    if (spec.kind === 'tcp') listen(fd, request.backlog);
    return listener(spec, fd, request);
  });
}

async function openUnix(spec: UnixSpec, request: Request): Promise<Listener> {
  using _turn = await takeTurnAt(spec.path);
  clearPath(spec, request.warn);
  const fd = openSocket(platform.AF_UNIX, platform.SOCK_STREAM, request);
  return closedOnFailure(fd, () => {
    const address: SocketAddress = { family: 'unix', path: toBytes(spec.path) };
    bindWithAccess(spec.path, request.pathAccess, () => bindTo(fd, address));
    const remove = removeOwnFile(spec.path);
    listen(fd, request.backlog);
    return listener(spec, fd, request, remove);
  });
}

function listener(spec: SocketSpec, from: number, { to }: Request, removeFile = () => {}): Listener {
  return {
    spec,
    name: spec.name,
    from,
    to,
    [Symbol.dispose]: () => {
      removeFile();
      closeQuietly(from);
    },
  };
}

/** Host names resolve to IPv4 only, as in the reference. */
async function resolve({ family, host, port, option }: InternetSpec): Promise<SocketAddress> {
  if (family === 'ipv6' || isIPv4(host)) return { family, host, port };
  try {
    const { address } = await lookup(host, { family: 4 });
    return { family, host: address, port };
  } catch (error) {
    throw new StartupError(`${option}: cannot resolve host ${host} to an IPv4 address`, { cause: error });
  }
}

function openSocket(domain: number, type: number, { to, targets }: Request): number {
  // The copy is close-on-exec from birth; the original lives for this line only.
  return park(socket(domain, type, 0), to, targets);
}

function bindTo(fd: number, address: SocketAddress): void {
  const bytes = sockaddr(address);
  bind(fd, bytes, bytes.length);
}

function setFlag(fd: number, level: number, option: number): void {
  const one = memory(4);
  one.writeInt32LE(1);
  setsockopt(fd, level, option, one, one.length);
}

function closedOnFailure<Result>(fd: number, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    closeQuietly(fd);
    throw error;
  }
}
