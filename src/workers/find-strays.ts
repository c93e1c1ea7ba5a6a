// Who is left of a worker that has died by itself: its line of parents is gone, but not what it was executed with.

import { environmentOf, parentOf, processes } from '../posix/process/process-facts.ts';

export interface Stray {
  /** Of the worker that has started it. */
  readonly generation: number;
  /** Whether this is a child of ours that lives and was not left to us by another. */
  readonly isKnown: (pid: number) => boolean;
}

/** Looks in the next turns of the event loop: processes may be thousands, and nobody waits for the answer. */
export function findStrays({ generation, isKnown }: Stray, found: (pids: readonly number[]) => void): void {
  const mark = String(generation);
  const isWanted = (pid: number) =>
    environmentOf(pid).get('SERVER_STARTER_GENERATION') === mark && isStray(pid, isKnown);
  const wanted: number[] = [];
  const look = (pids: readonly number[]) => {
    wanted.push(...pids.slice(0, AT_ONCE).filter(isWanted));
    if (pids.length <= AT_ONCE) found(wanted);
    else setImmediate(look, pids.slice(AT_ONCE));
  };
  // The worker's replacement comes before even that: an immediate costs as much as a tenth of its spawn.
  soon.then(() => setImmediate(() => look(processes())));
}

const soon = Promise.resolve();

/** Looked at in one turn. */
const AT_ONCE = 32;

/** Neither we, nor a child of ours that is known, nor a descendant of one. */
function isStray(pid: number, isKnown: (pid: number) => boolean): boolean {
  for (let each = pid; each > 1 && each !== process.pid; each = parentOf(each) ?? 0) {
    if (isKnown(each)) return false;
  }
  return pid !== process.pid;
}
