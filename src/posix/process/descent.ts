import { parentOf } from './process-facts.ts';

/** The first in its line of parents, itself included, of whom this is true, as far as that line can still be followed. */
export function ancestor(pid: number, is: (pid: number) => boolean): number | undefined {
  for (let each = pid; each > 1; each = parentOf(each) ?? 0) if (is(each)) return each;
  return undefined;
}

/** Whether a process is this one or descends from it. */
export function descendsFrom(pid: number, other: number): boolean {
  return ancestor(pid, (each) => each === other) !== undefined;
}
