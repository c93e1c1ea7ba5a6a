// Two that start at the same time must not both adopt a socket: the second is to find it in the hands of the first. Whoever
// recovers workers holds a lock on each of them meanwhile: flock(2) of its /proc/PID/environ, which only its own user and root
// can open. It leaves no file behind, and goes with the process.

import { openSync } from 'node:fs';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { lock } from '../posix/file/lock.ts';
import { sleep } from '../posix/sleep.ts';

/** Among those who can are the workers themselves. */
const PATIENCE_MS = 2000;
const RETRY_MS = 10;

export async function lockSurvivors(pids: Iterable<number>): Promise<Disposable> {
  // In one order, or two could wait for each other.
  const fds = [...new Set(pids)].sort((a, b) => a - b).flatMap(openLock);
  let waited = 0;
  for (const fd of fds) for (; !lock(fd) && waited < PATIENCE_MS; waited += RETRY_MS) await sleep(RETRY_MS);
  return {
    [Symbol.dispose]: () => {
      for (const fd of fds) closeQuietly(fd);
    },
  };
}

/** None where the process has ended, or we may not look into it: then we do without. */
function openLock(pid: number): number[] {
  try {
    return [openSync(`/proc/${pid}/environ`, 'r')];
  } catch {
    return [];
  }
}
