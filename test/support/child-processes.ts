import { readFileSync } from 'node:fs';

/** The pids of this process's own children, zombies included; esbuild's, once a file has built something, is one of them. */
export function childProcesses(): string[] {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8');
  return children.split(' ').filter(Boolean);
}
