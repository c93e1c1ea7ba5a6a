// A status file is replaced whenever it changes, so each is locked by who writes it before it gets its name: as long as a
// superdaemon runs, the file at the path is locked, and no second one takes it for its own.

import { constants, existsSync, openSync } from 'node:fs';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { isUnlocked, lock } from '../posix/file/lock.ts';
import { lockHolder } from '../posix/file/lock-holder.ts';
import { toBytes, toPath } from '../posix/libc/bytes.ts';
import { isAlive } from '../posix/process/process-facts.ts';
import { StartupError } from '../startup-error.ts';
import { isTrusted } from './pid-file-owner.ts';

/** Where there are no locks (NFS, maybe) nobody is told apart. */
export function tryLock(fd: number): boolean {
  try {
    return lock(fd);
  } catch {
    return false;
  }
}

/** Locks what lies there, so that no other starts beside us; undefined when there is nothing, or it is another's. */
export function lockAt(path: string): number | undefined {
  const fd = openAt(path);
  if (fd === undefined || tryLock(fd)) return fd;
  closeQuietly(fd);
  return undefined;
}

/** Throws StartupError when another superdaemon writes to it. */
export function refuseAnothers(path: string): void {
  const fd = openAt(path);
  if (fd === undefined) return;
  try {
    const writer = writerOf(fd);
    if (writer !== undefined)
      throw new StartupError(`another superdaemon is running and writes it, ${writer}`);
  } finally {
    closeQuietly(fd);
  }
}

function writerOf(fd: number): string | undefined {
  if (isUnlocked(fd)) return undefined;
  const pid = lockHolder(fd);
  if (pid === undefined) return 'which cannot be seen from here';
  // One that was killed has it no more, but what it was just starting.
  return pid !== process.pid && isAlive(pid) && isTrusted(pid, fd) ? `pid ${pid}` : undefined;
}

function openAt(path: string): number | undefined {
  // Before an exception says it, which takes ten times as long.
  if (!existsSync(toPath(path))) return undefined;
  try {
    return openSync(toBytes(path), constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch {
    return undefined;
  }
}
