import { readFileSync } from 'node:fs';

/** Whether a process is this one or descends from it, as far as its line of parents can still be followed. */
export function descendsFrom(pid: number, ancestor: number): boolean {
  for (let each = pid; each > 1; each = parentOf(each)) {
    if (each === ancestor) return true;
  }
  return false;
}

/** 0 for a process that is gone. */
function parentOf(pid: number): number {
  try {
    // `PID (NAME) STATE PPID …`, and the name may hold anything.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}
