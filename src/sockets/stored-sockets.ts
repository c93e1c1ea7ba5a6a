// Sockets of ours that the service manager has kept for us (--fd-store), by the names that we have given them.

import { closeQuietly, setBlocking } from '../posix/file/descriptor.ts';
import { identityAt } from '../posix/file/own-file.ts';
import { listen } from '../posix/libc/libc.ts';
import type { ActivatedSocket } from './activation.ts';
import type { Listener } from './listener.ts';
import { matchActivated } from './match-activated.ts';
import type { OrphanedSockets } from './orphaned-sockets.ts';
import type { SocketSpec } from './socket-spec.ts';

const OURS = 'start-server/';

export function isStored({ fdName }: ActivatedSocket): boolean {
  return fdName?.startsWith(OURS) ?? false;
}

/** Printable ASCII without a colon (sd_pid_notify_with_fds(3)). That of a Unix socket names its file, not only its path. */
export function storeName({ spec, file = '' }: Pick<Listener, 'spec' | 'file'>): string {
  if (spec.kind === 'unix') return unixName(file);
  return `${OURS}${spec.kind}/${spec.host}/${spec.port}`.replaceAll(':', '_');
}

function unixName(file: string): string {
  return `${OURS}unix/${file.replaceAll(':', '_')}`;
}

export interface StoredOptions {
  readonly backlog: number;
  readonly blocking: boolean;
  /** Nothing is to be changed by it. */
  readonly rehearsal?: true;
}

/**
 * Those of `orphaned`, and before them those that were stored, at the places of `specs`; the others are closed when it is disposed
 * of. A Unix socket whose file is gone nobody can connect to any more: it is bound anew.
 */
export function withStored(
  orphaned: OrphanedSockets,
  stored: readonly ActivatedSocket[],
  specs: readonly SocketSpec[],
  { backlog, blocking, rehearsal }: StoredOptions,
): OrphanedSockets & Disposable {
  const left = new Set(stored);
  const found = new Map<SocketSpec, ActivatedSocket>();
  for (const { spec, activated } of matchActivated(specs, stored))
    if (activated !== undefined && specs.includes(spec) && isReachable(spec, activated))
      found.set(spec, activated);
  return {
    abandoned: orphaned.abandoned,
    serve: orphaned.serve,
    poll: orphaned.poll,
    take: (spec) => {
      const socket = found.get(spec);
      if (socket === undefined || !left.delete(socket)) return orphaned.take(spec);
      if (rehearsal) return socket.fd;
      // Its last workers have had it as they liked, unless they still do.
      if (!orphaned.serve()) setBlocking(socket.fd, blocking);
      if (spec.kind !== 'udp') listen(socket.fd, backlog);
      return socket.fd;
    },
    [Symbol.dispose]: () => {
      for (const { fd } of left) closeQuietly(fd);
      left.clear();
    },
  };
}

function isReachable(spec: SocketSpec, { fdName }: ActivatedSocket): boolean {
  if (spec.kind !== 'unix') return true;
  try {
    return fdName === unixName(identityAt(spec.path));
  } catch {
    return false;
  }
}
