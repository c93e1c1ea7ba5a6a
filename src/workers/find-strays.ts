// Who is left of a worker that has died: the line of parents is gone, but not what it was executed with.

import { orphans } from '../posix/process/orphans.ts';
import { environmentOf, parentOf, processes } from '../posix/process/process-facts.ts';
import type { Bereft } from './survivor-table.ts';

/** Whether this is a child of ours that lives and was not left to us by another. */
export type IsKnown = (pid: number) => boolean;

/** Returns what finds those whom a worker has let become orphans: a look at a few processes, not at all of them. */
export function orphanFinder(isKnown: IsKnown, isFresh: boolean): (worker: Bereft) => readonly number[] {
  const isOfInterest = (pid: number) => !isKnown(pid) && environmentOf(pid).has(GENERATION);
  const { look } = orphans({ isOfInterest, isFresh });
  return (worker) => look().filter(bears(worker));
}

/** Looks at all, in this turn of the event loop and the next ones: they may be thousands, and nobody waits for the answer. */
export function findStrays(worker: Bereft, isKnown: IsKnown, found: (pids: readonly number[]) => void): void {
  const isMarked = bears(worker);
  const isWanted = (pid: number) => isMarked(pid) && isStray(pid, isKnown);
  const wanted: number[] = [];
  const look = (pids: readonly number[]) => {
    wanted.push(...pids.slice(0, AT_ONCE).filter(isWanted));
    if (pids.length <= AT_ONCE) found(wanted);
    else setImmediate(look, pids.slice(AT_ONCE));
  };
  look(processes());
}

/** Looked at in one turn. */
const AT_ONCE = 32;

const GENERATION = 'SERVER_STARTER_GENERATION';

/** Those of a pool that have the same generation are told apart by their slots. */
function bears({ generation, worker }: Bereft): (pid: number) => boolean {
  return (pid) => {
    const environment = environmentOf(pid);
    const slot = worker === undefined ? undefined : String(worker);
    return (
      environment.get(GENERATION) === String(generation) && environment.get('SERVER_STARTER_WORKER') === slot
    );
  };
}

/** Neither we, nor a child of ours that is known, nor a descendant of one. */
function isStray(pid: number, isKnown: IsKnown): boolean {
  for (let each = pid; each > 1 && each !== process.pid; each = parentOf(each) ?? 0) {
    if (isKnown(each)) return false;
  }
  return pid !== process.pid;
}
