import { flock } from './libc.ts';
import { errorCode } from './system-error.ts';

const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;

/** Takes the exclusive flock(2) of an open file; false when another process holds it. It goes with the descriptor. */
export function lock(fd: number): boolean {
  try {
    flock(fd, LOCK_EX | LOCK_NB);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EAGAIN') return false;
    throw error;
  }
}

/** Whether nobody holds the lock; it is let go at once. */
export function isUnlocked(fd: number): boolean {
  const free = lock(fd);
  if (free) flock(fd, LOCK_UN);
  return free;
}
