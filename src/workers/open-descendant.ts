import { descendsFrom } from '../posix/process/descent.ts';
import { holdProcess, type ProcessHandle } from '../posix/process/pidfd.ts';

/** undefined: it is none, or it cannot be held. */
export function openDescendant(pid: number, worker: number): ProcessHandle | undefined {
  try {
    return holdProcess(pid, () => descendsFrom(pid, worker));
  } catch {
    return undefined;
  }
}
