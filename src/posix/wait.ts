import { memory, waitpid } from './libc.ts';
import { errorCode } from './system-error.ts';

const WNOHANG = 1;
const status = memory(4);

/**
 * Reaps one process of ours. Returns its raw wait status (exit 9 is 2304, SIGKILL is 9), or undefined while it lives.
 * By pid, never any child: libuv waits for its own.
 */
export function reap(pid: number): number | undefined {
  try {
    return waitpid(pid, status, WNOHANG) === pid ? status.readInt32LE() : undefined;
  } catch (error) {
    // Somebody reaped it before us: it is gone all the same, and how it ended nobody can tell.
    if (errorCode(error) === 'ECHILD') return 0;
    throw error;
  }
}
