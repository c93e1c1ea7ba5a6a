// A spec → a bound, listening, blocking descriptor, ours or one that our caller bound already. Blocking for the workers'
// sake: the superdaemon itself never accepts on it and never polls it, so a connection made while no worker runs waits in
// the kernel's queue.

import { closedOnFailure, setBlocking } from '../posix/file/descriptor.ts';
import { identityAt } from '../posix/file/own-file.ts';
import { socket } from '../posix/libc/libc.ts';
import { platform } from '../posix/libc/platform.ts';
import { reason } from '../posix/libc/system-error.ts';
import { setSocketOption } from '../posix/socket/socket-option.ts';
import { StartupError } from '../startup-error.ts';
import type { ActivatedSocket } from './activation.ts';
import { bindInternet } from './bind-internet.ts';
import { bindUnix } from './bind-unix.ts';
import { park } from './fd-table.ts';
import { type Listener, listener } from './listener.ts';
import type { PlacedSocket } from './match-activated.ts';
import type { OrphanedSockets } from './orphaned-sockets.ts';
import { type PathAccess, setAccess } from './path-access.ts';
import type { InternetSpec, SocketSpec, UnixSpec } from './socket-spec.ts';
import { clearPath, takeTurnAt, wouldClear } from './unix-path.ts';

export interface BindOptions {
  /** Connections that the kernel may queue. */
  readonly backlog: number;
  readonly pathAccess: PathAccess;
  /** Those that our caller bound: they are used for the specs of their addresses, and beside them. */
  readonly activated: readonly ActivatedSocket[];
  /** What an earlier superdaemon bound, and its workers still have. */
  readonly orphaned: OrphanedSockets;
  /** Blocking for the workers, but for a server that expects to find its sockets otherwise. */
  readonly blocking: boolean;
  readonly warn: (line: string) => void;
  /** It is a rehearsal: what would have to be removed first stays, and its place is not bound. */
  readonly rehearsal?: true;
}

export interface ListenerRequest extends BindOptions {
  /** The number of the descriptor in the worker, and those of all its sockets. */
  readonly to: number;
  readonly targets: ReadonlySet<number>;
}

/** Throws a StartupError that names the option. */
export async function openListener(
  { spec, activated }: PlacedSocket,
  request: ListenerRequest,
): Promise<Listener> {
  try {
    if (activated !== undefined) return adopt(spec, activated, request);
    if (spec.kind !== 'unix') return openInternetListener(spec, request);
    const orphan = request.orphaned.take(spec);
    if (orphan !== undefined) return adoptListener(spec, orphan, request);
    return await openUnix(spec, request);
  } catch (error) {
    throw refusal(spec, error);
  }
}

/** At once. Throws a StartupError that names the option. */
export function openInternetListener(spec: InternetSpec, request: ListenerRequest): Listener {
  try {
    const orphan = request.orphaned.take(spec);
    return orphan === undefined ? openInternet(spec, request) : adoptListener(spec, orphan, request);
  } catch (error) {
    throw refusal(spec, error);
  }
}

function refusal({ option }: SocketSpec, error: unknown): StartupError {
  if (error instanceof StartupError) return error;
  return new StartupError(`${option}: cannot listen: ${reason(error)}`, { cause: error });
}

/** Bound and listening it is. Its file, if it has one, is our caller's: it stays. */
function adopt(spec: SocketSpec, activated: ActivatedSocket, request: ListenerRequest): Listener {
  const fd = park(activated.fd, request.to, request.targets);
  return closedOnFailure(fd, () => {
    if (!request.rehearsal) setMode(fd, request);
    return newListener({ spec, from: fd, fdName: activated.fdName, backlog: undefined }, request);
  });
}

/** At each start of a service systemd has made it blocking, unless NonBlocking= says otherwise: who polls it would hang in accept(2). */
function setMode(fd: number, { orphaned, blocking }: ListenerRequest): void {
  if (!orphaned.serve()) setBlocking(fd, blocking);
  else if (orphaned.poll(fd)) setBlocking(fd, false);
}

/** Bound and listening it is, by us, too, with whatever waits in its queue; blocking or not, as those expect it who serve it. */
function adoptListener(spec: SocketSpec, orphan: number, request: ListenerRequest): Listener {
  const fd = park(orphan, request.to, request.targets);
  return closedOnFailure(fd, () => {
    if (request.rehearsal) return newListener({ spec, from: fd }, request);
    if (spec.kind !== 'unix') return newListener({ spec, from: fd }, request);
    setAccess(spec.path, request.pathAccess);
    return newListener({ spec, from: fd, file: identityAt(spec.path) }, request, request.orphaned.serve);
  });
}

function openInternet(spec: InternetSpec, request: ListenerRequest): Listener {
  const domain = spec.family === 'ipv4' ? platform.AF_INET : platform.AF_INET6;
  const fd = openSocket(domain, spec.kind === 'udp' ? platform.SOCK_DGRAM : platform.SOCK_STREAM, request);
  return closedOnFailure(fd, () => {
    // For the sake of TIME_WAIT, which UDP has none of: there it would let every user share the port.
    if (spec.kind === 'tcp') setSocketOption(fd, platform.SOL_SOCKET, platform.SO_REUSEADDR);
    if (spec.family === 'ipv6') setSocketOption(fd, platform.IPPROTO_IPV6, platform.IPV6_V6ONLY);
    bindInternet(fd, spec, request.backlog);
    return newListener({ spec, from: fd }, request);
  });
}

async function openUnix(spec: UnixSpec, request: ListenerRequest): Promise<Listener> {
  using _turn = await takeTurnAt(spec.path);
  if (request.rehearsal && wouldClear(spec, request.warn)) return unbound(spec, request);
  clearPath(spec, request.warn, request.orphaned.abandoned.has(spec));
  const fd = openSocket(platform.AF_UNIX, platform.SOCK_STREAM, request);
  return closedOnFailure(fd, () => {
    return newListener({ spec, from: fd, file: bindUnix(fd, spec, request) }, request);
  });
}

function unbound(spec: UnixSpec, request: ListenerRequest): Listener {
  return newListener({ spec, from: openSocket(platform.AF_UNIX, platform.SOCK_STREAM, request) }, request);
}

type Fresh = Pick<Listener, 'spec' | 'from'> & Partial<Pick<Listener, 'file' | 'fdName' | 'backlog'>>;

function newListener(fresh: Fresh, { to, backlog }: ListenerRequest, stays?: () => boolean): Listener {
  const { name } = fresh.spec;
  return listener({ backlog, file: undefined, fdName: undefined, ...fresh, name, to }, stays);
}

function openSocket(domain: number, type: number, { to, targets, blocking }: ListenerRequest): number {
  // The copy is close-on-exec from birth; the original lives for this line only.
  const original = socket(domain, type, 0);
  const fd = closedOnFailure(original, () => park(original, to, targets));
  if (!blocking) closedOnFailure(fd, () => setBlocking(fd, false));
  return fd;
}
