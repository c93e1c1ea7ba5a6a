// What the rules ask of the table. Each question is a count or a search over what is there now.

import type { Deploy } from './candidate.ts';
import { sizeOf } from './configuration.ts';
import type { State } from './state.ts';
import { isDraining, isStarted, isStarting, type Worker } from './worker.ts';

/** The deploy whose empty slots get workers. */
export function filledDeploy({ candidate, current }: State): Deploy | undefined {
  return candidate ?? current;
}

/** What serves in a slot, or is to: current, unless a roll has brought it on. */
export function deployIn({ rolled, current }: State, slot: number): Deploy | undefined {
  return rolled.find((each) => each.slot === slot)?.deploy ?? current;
}

/** Whether it is one of those that are to serve. */
export function isCurrent(state: State, { ordinal, slot }: Pick<Worker, 'ordinal' | 'slot'>): boolean {
  return ordinal === deployIn(state, slot)?.ordinal;
}

function isOf(state: State, deploy: Deploy | undefined, worker: Worker): boolean {
  return deploy === state.current ? isCurrent(state, worker) : worker.ordinal === deploy?.ordinal;
}

/** Its workers but for those that were told to go. */
export function workersOf(state: State, deploy: Deploy | undefined): readonly Worker[] {
  return state.workers.filter((worker) => isOf(state, deploy, worker) && !isDraining(worker));
}

export function hasWorkers(state: State, deploy: Deploy): boolean {
  return workersOf(state, deploy).length > 0;
}

export function servingWorkers(state: State): readonly Worker[] {
  return workersOf(state, state.current).filter(isStarted);
}

export function serves(state: State): boolean {
  return state.workers.some((worker) => isStarted(worker) && isCurrent(state, worker));
}

/** Another one of its deploy in its slot that was not told to go: while one is being recycled there are two. */
export function twinOf(
  { workers }: State,
  { ordinal, slot, attempt }: Pick<Worker, 'ordinal' | 'slot'> & { readonly attempt?: number },
): Worker | undefined {
  return workers.find(
    (each) => each.ordinal === ordinal && each.slot === slot && each.attempt !== attempt && !isDraining(each),
  );
}

/** A worker is to be started for the slot of one that serves on. */
export function isRecycling(state: State): boolean {
  return state.candidate === undefined && servingWorkers(state).some(({ recycling }) => recycling.isUnderWay);
}

/** Workers have started in all slots. */
export function isWhole(state: State, deploy: Deploy | undefined): boolean {
  if (deploy === undefined) return false;
  const isTaken: boolean[] = [];
  const size = sizeOf(state, deploy);
  let missing = size;
  for (const worker of state.workers) {
    const { slot } = worker;
    // While one is being recycled, two may have started in a slot.
    if (isTaken[slot] || slot >= size || !isStarted(worker) || !isOf(state, deploy, worker)) continue;
    isTaken[slot] = true;
    missing -= 1;
  }
  return missing === 0;
}

/** The slot is wanted, and nobody of current serves in it. */
export function isMissing(state: State, slot: number): boolean {
  return slot < currentSize(state) && servingWorkers(state).every((worker) => worker.slot !== slot);
}

/** The slots of what serves. */
function currentSize(state: State): number {
  return state.current === undefined ? state.wanted : sizeOf(state, state.current);
}

/** A slot of current is about to get a worker again, and nothing has failed in it yet. */
export function isRefilling(state: State): boolean {
  const { candidate, slots, behind } = state;
  const size = currentSize(state);
  const isTaken = new Set(servingWorkers(state).map(({ slot }) => slot));
  const paces = candidate === undefined ? slots : behind;
  return paces.some(({ failures }, slot) => slot < size && failures === 0 && !isTaken.has(slot));
}

/** Started before what serves in its slot was. */
export function oldWorkers(state: State): readonly Worker[] {
  const isOld = ({ ordinal, slot }: Worker) => ordinal < (deployIn(state, slot)?.ordinal ?? 0);
  return state.workers.filter((worker) => isStarted(worker) && isOld(worker));
}

/** Started for a deploy that has ended without success. */
export function abandonedWorkers(state: State): readonly Worker[] {
  const { workers, current, candidate } = state;
  if (current === undefined) return [];
  const isAbandoned = ({ ordinal, slot }: Worker) =>
    ordinal > (deployIn(state, slot)?.ordinal ?? ordinal) && ordinal !== candidate?.ordinal;
  return workers.filter((worker) => isStarted(worker) && isAbandoned(worker));
}

export function startingCount({ workers }: State): number {
  return workers.reduce((count, worker) => count + (isStarting(worker) ? 1 : 0), 0);
}

/** A canary is to show, beside those that serve, what the candidate is worth. */
export function isOnTrial(state: State): boolean {
  const { policy, candidate, canary } = state;
  return (
    policy.canaryMs !== undefined && candidate !== undefined && canary.name !== 'passed' && serves(state)
  );
}

/** It is the canary, or, without a worker, there is one that has started. */
export function isJudged({ canary }: State, worker?: Worker): boolean {
  if (canary.name !== 'watched' && canary.name !== 'checking') return false;
  return worker === undefined || worker.attempt === canary.attempt;
}

/** It runs, or has passed and its worker is not yet spawned; scaling may have made that one superfluous. */
export function isChecking({ check, wanted }: State): boolean {
  return check.name === 'running' || (check.name === 'passed' && (check.slot ?? wanted) < wanted);
}

/** Nobody is to wait for a check while nobody serves: then any worker is better than none. */
export function isStandingIn(state: State): boolean {
  return state.policy.hasCheck && state.current !== undefined && !serves(state);
}
