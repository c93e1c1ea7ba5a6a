// Whose a pid file is. Anybody who may read the file can lock it, and whoever may write to it can name any process: so it
// is a superdaemon's when the process that the kernel says has its lock is the one that it names.

import { fstatSync, readSync } from 'node:fs';
import { isUnlocked } from '../posix/file/lock.ts';
import { lockHolder } from '../posix/file/lock-holder.ts';
import { platform } from '../posix/libc/platform.ts';
import { isAlive, ownPidOf, userOf } from '../posix/process/process-facts.ts';

export type PidFileOwner =
  /** It is free, or locked by a stranger; or by one that was killed: what it was just starting has its lock until that is executed. */
  | { readonly kind: 'nobody' }
  /** `pid`: in our own pid namespace. */
  | { readonly kind: 'superdaemon'; readonly pid: number }
  /** It has the lock, and has not written its pid yet. */
  | { readonly kind: 'starting'; readonly pid: number | undefined }
  /** It has the lock, but is not who is named. */
  | { readonly kind: 'another'; readonly pid: number; readonly named: number | undefined }
  /** Somebody has the lock whom the kernel does not show us: in another pid namespace, without /proc. */
  | { readonly kind: 'unseen'; readonly named: number | undefined };

const NOBODY: PidFileOwner = { kind: 'nobody' };

/** Throws SystemError: ENOLCK … */
export function pidFileOwner(fd: number): PidFileOwner {
  if (isUnlocked(fd)) return NOBODY;
  const text = textOf(fd);
  const named = parsePid(text);
  if (platform.pidfd === undefined) return withoutKernel(text, named);
  const pid = lockHolder(fd);
  if (pid === undefined) return isUnlocked(fd) ? NOBODY : { kind: 'unseen', named };
  if (!isAlive(pid)) return NOBODY;
  if (named !== undefined && (named === pid || named === ownPidOf(pid))) return { kind: 'superdaemon', pid };
  if (!isTrusted(pid, fd)) return NOBODY;
  // Our own lock it is where we were started by `flock PIDFILE …`.
  if (text === '' && pid !== process.pid) return { kind: 'starting', pid };
  return { kind: 'another', pid, named };
}

/** Where there is no kernel's word on locks (macOS) the file's has to do. */
function withoutKernel(text: string, named: number | undefined): PidFileOwner {
  if (text === '') return { kind: 'starting', pid: undefined };
  return named === undefined ? { kind: 'unseen', named } : { kind: 'superdaemon', pid: named };
}

/** Whether it may be the superdaemon of this file: root's, the file's owner's, ours; or of a user whom we cannot see. */
export function isTrusted(pid: number, fd: number): boolean {
  const uid = userOf(pid);
  return Number.isNaN(uid) || [0, process.geteuid?.(), fstatSync(fd).uid].includes(uid);
}

function textOf(fd: number): string {
  const block = Buffer.alloc(LONGEST);
  return block.toString('latin1', 0, readSync(fd, block, 0, block.length, 0)).trim();
}

const LONGEST = 64;

/** 0 and -1 would be whole groups of processes to kill(2). */
function parsePid(text: string): number | undefined {
  return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined;
}
