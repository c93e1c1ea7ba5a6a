import { descendsFrom } from '../posix/process/descent.ts';
import { hasEnded, openProcess, type ProcessHandle } from '../posix/process/pidfd.ts';

/** undefined: it is none, or it cannot be held. Held first: then its pid is its own as long as it has not ended. */
export function openDescendant(pid: number, worker: number): ProcessHandle | undefined {
  try {
    const handle = openProcess(pid);
    if (handle === undefined || (descendsFrom(pid, worker) && !hasEnded(handle))) return handle;
    handle[Symbol.dispose]();
    return undefined;
  } catch {
    return undefined;
  }
}
