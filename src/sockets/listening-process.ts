// Who serves the Unix socket at a path? The kernel remembers the pid that called listen(2): a superdaemon, or a worker that
// did so once more, as Node does. Gone, only orphans of a crashed superdaemon answer there, and the path may be taken over.

import { closeQuietly } from '../posix/file/descriptor.ts';
import { toBytes } from '../posix/libc/bytes.ts';
import { connect, fcntl, socket } from '../posix/libc/libc.ts';
import { platform } from '../posix/libc/platform.ts';
import { errorCode } from '../posix/libc/system-error.ts';
import { socketsOf } from '../posix/process/open-sockets.ts';
import { isAlive, isSecretive } from '../posix/process/process-facts.ts';
import { peerOf } from '../posix/socket/peer.ts';
import { sockaddr } from '../posix/socket/sockaddr.ts';
import { listeningUnixSockets, type UnixEntry } from './socket-table.ts';

export type Owner =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'process'; readonly pid: number }
  /** Somebody does, but the kernel will not say who. */
  | { readonly kind: 'unknown' };

export function listeningProcess(path: string): Owner {
  try {
    return ownerOf(listenerAt(path), path);
  } catch (error) {
    return { kind: isNobodyThere(error) ? 'nobody' : 'unknown' };
  }
}

/** The pid that has called listen(2), last. Throws SystemError. */
export function listenerAt(path: string): number {
  const fd = socket(platform.AF_UNIX, platform.SOCK_STREAM, 0);
  try {
    // Non-blocking: connecting to a socket whose queue is full would wait for its owner.
    fcntl(fd, platform.F_SETFL, platform.O_NONBLOCK);
    const address = sockaddr({ family: 'unix', path: toBytes(path) });
    connect(fd, address, address.length);
    return peerOf(fd).pid;
  } finally {
    closeQuietly(fd);
  }
}

export function isNobodyThere(error: unknown): boolean {
  return errorCode(error) === 'ECONNREFUSED' || errorCode(error) === 'ENOENT';
}

function ownerOf(pid: number, path: string): Owner {
  if (pid <= 0) return { kind: 'unknown' };
  return isAlive(pid) && mayListenAt(pid, path) ? { kind: 'process', pid } : { kind: 'nobody' };
}

/** false only when the pid demonstrably belongs to another process by now: one that does not hold this socket. */
function mayListenAt(pid: number, path: string): boolean {
  if (isSecretive(pid)) return true;
  const held = socketsOf(pid);
  const bound = socketsBoundTo(path);
  return bound.length === 0 || bound.some(({ inode }) => held.has(inode));
}

/**
 * The table has the path as it was given to bind(2): a relative one may be of any directory, so whatever ends in the same name
 * counts; none where it was bound under another spelling.
 */
function socketsBoundTo(path: string): UnixEntry[] {
  const entries = listeningUnixSockets();
  if (!entries.some((each) => each.path === path)) return [];
  const name = path.slice(path.lastIndexOf('/') + 1);
  return entries.filter((each) => each.path === name || each.path.endsWith(`/${name}`));
}
