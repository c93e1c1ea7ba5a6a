// Who serves the Unix socket at a path? The kernel remembers the pid that called listen(2): a superdaemon, or a worker that
// did so once more, as Node does. Gone, only orphans of a crashed superdaemon answer there, and the path may be taken over.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { toBytes } from '../posix/bytes.ts';
import { closeQuietly } from '../posix/descriptor.ts';
import { connect, fcntl, kill, socket } from '../posix/libc.ts';
import { peerOf } from '../posix/peer.ts';
import { platform } from '../posix/platform.ts';
import { sockaddr } from '../posix/sockaddr.ts';
import { errorCode } from '../posix/system-error.ts';

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

function isAlive(pid: number): boolean {
  try {
    kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}

/** false only when the pid demonstrably belongs to another process by now: one that does not hold this socket. */
function mayListenAt(pid: number, path: string): boolean {
  try {
    const held = new Set(readdirSync(`/proc/${pid}/fd`).map((fd) => linkTarget(`/proc/${pid}/fd/${fd}`)));
    return socketsBoundTo(path).some((inode) => held.has(`socket:[${inode}]`));
  } catch {
    return true;
  }
}

function linkTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/**
 * Lines of /proc/net/unix end in the inode and the path as it was given to bind(2). A relative one may be of any directory,
 * and the socket looked for may have been bound under another spelling: so whatever ends in the same name counts.
 */
function socketsBoundTo(path: string): string[] {
  const bound = readFileSync('/proc/net/unix', 'latin1').split('\n');
  const spelled = toBytes(path).toString('latin1');
  if (!bound.some((line) => line.endsWith(` ${spelled}`)))
    throw new Error('bound under another spelling of the path');
  const name = spelled.slice(spelled.lastIndexOf('/') + 1);
  return bound
    .filter((line) => line.endsWith(` ${name}`) || line.endsWith(`/${name}`))
    .map((line) => line.split(/\s+/)[6] ?? '');
}
