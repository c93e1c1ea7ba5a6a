// flock(2): a lock that the kernel keeps, and that goes with the last descriptor of the open file, however a process ends.

import { flock } from '../libc/libc.ts';
import { errorCode } from '../libc/system-error.ts';

const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;

/** Takes the exclusive lock of an open file; false when another process holds it. Throws SystemError: ENOLCK … */
export function lock(fd: number): boolean {
  return attempt(fd, LOCK_EX);
}

/** Whether nobody has it exclusively. It is let go at once, and shared: those who look are never in each other's way. */
export function isUnlocked(fd: number): boolean {
  const free = attempt(fd, LOCK_SH);
  if (free) flock(fd, LOCK_UN);
  return free;
}

function attempt(fd: number, operation: number): boolean {
  try {
    flock(fd, operation | LOCK_NB);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EAGAIN') return false;
    throw error;
  }
}
