// A pid file that a start has made, and cannot have after all.

import { fstatSync, type Stats, unlinkSync } from 'node:fs';
import { lock } from '../posix/file/lock.ts';
import { isStillAt } from '../posix/file/own-file.ts';
import { toPath } from '../posix/libc/bytes.ts';
import { MODE_WHEN_NEW } from './pid-file-lock.ts';

/** Why the start fails is told, whatever becomes of this: at worst an empty file is left, which names nobody. */
export function removeIfNew(path: string, fd: number): void {
  try {
    const file = fstatSync(fd);
    const isOurs = file.isFile() && file.nlink === 1 && file.uid === process.geteuid?.() && isNew(file);
    if (isOurs && mayLock(fd)) removeAt(path, fd);
  } catch {
    // Its directory is out of reach.
  }
}

export function isNew({ size, mode }: Stats): boolean {
  return size === 0 && (mode & 0o777) === MODE_WHEN_NEW;
}

/** Another that is just starting has the lock already. Where there are no locks to be had nobody has one. */
function mayLock(fd: number): boolean {
  try {
    return lock(fd);
  } catch {
    return true;
  }
}

/** Unless another file has the name by now. */
export function removeAt(path: string, fd: number): void {
  try {
    if (isStillAt(path, fd)) unlinkSync(toPath(path));
  } catch {
    // As above.
  }
}
