// How another process stands, by /proc/PID/status, which everybody may read.

import { readFileSync } from 'node:fs';

/** By SIGSTOP or a terminal's Ctrl-Z. */
export function isStopped(pid: number): boolean {
  return /^State:\s*T/m.test(status(pid));
}

/** NaN where it cannot be seen. */
export function effectiveUserOf(pid: number): number {
  return Number(/^Uid:\s*\d+\s+(\d+)/m.exec(status(pid))?.[1]);
}

function status(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'latin1');
  } catch {
    return '';
  }
}
