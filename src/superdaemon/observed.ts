// What the rules ask of the table. Each question is a count or a search over what is there now.

import type { Slot } from './spacing.ts';
import { attemptAt } from './spacing.ts';
import { type Deploy, NEVER, type State } from './state.ts';
import { isDraining, isStarted, isStarting, type Worker } from './worker.ts';

/** The deploy whose empty slots get workers. */
export function filledDeploy({ candidate, current }: State): Deploy | undefined {
  return candidate ?? current;
}

/** Its workers but for those that were told to go. */
export function workersOf({ workers }: State, deploy: Deploy | undefined): readonly Worker[] {
  return workers.filter((worker) => worker.ordinal === deploy?.ordinal && !isDraining(worker));
}

export function servingWorkers(state: State): readonly Worker[] {
  return workersOf(state, state.current).filter(isStarted);
}

export function serves(state: State): boolean {
  return state.workers.some((worker) => worker.ordinal === state.current?.ordinal && isStarted(worker));
}

/** Workers have started in all slots. */
export function isWhole(state: State, deploy: Deploy | undefined): boolean {
  if (deploy === undefined) return false;
  let missing = state.wanted;
  for (const worker of state.workers) {
    if (worker.ordinal === deploy.ordinal && worker.slot < state.wanted && isStarted(worker)) missing -= 1;
  }
  return missing === 0;
}

/** A slot of current is about to get a worker again, and nothing has failed in it yet. */
export function isRefilling(state: State): boolean {
  const { candidate, slots, behind, wanted } = state;
  const isTaken = new Set(servingWorkers(state).map(({ slot }) => slot));
  const paces = candidate === undefined ? slots : behind;
  return paces.some(({ failures }, slot) => slot < wanted && failures === 0 && !isTaken.has(slot));
}

/** Started before current was. */
export function oldWorkers({ workers, current }: State): readonly Worker[] {
  if (current === undefined) return [];
  return workers.filter((worker) => worker.ordinal < current.ordinal && isStarted(worker));
}

/** Started for a deploy that has ended without success. */
export function abandonedWorkers({ workers, current, candidate }: State): readonly Worker[] {
  if (current === undefined) return [];
  const isAbandoned = ({ ordinal }: Worker) => ordinal > current.ordinal && ordinal !== candidate?.ordinal;
  return workers.filter((worker) => isAbandoned(worker) && isStarted(worker));
}

export function startingCount({ workers }: State): number {
  return workers.reduce((count, worker) => count + (isStarting(worker) ? 1 : 0), 0);
}

/** A place that is to have a worker, and has none that is starting or started. */
export interface Opening {
  readonly deploy: Deploy;
  readonly slot: number;
  readonly pace: Slot;
}

/** In the order in which they are to be filled. A release that fails for ever leaves the one that serves its turn. */
export function openings(state: State): readonly Opening[] {
  const { candidate, current, slots, behind } = state;
  if (candidate === undefined) return openingsOf(state, current, slots);
  const own = openingsOf(state, candidate, slots);
  if (!isStuck(state)) return own;
  const untried = own.filter(({ pace }) => pace.failures === 0);
  const others = [...own.filter(({ pace }) => pace.failures > 0), ...openingsOf(state, current, behind)];
  return [...untried, ...others.sort((a, b) => a.pace.lastAttemptAt - b.pace.lastAttemptAt)];
}

function openingsOf(state: State, deploy: Deploy | undefined, paces: readonly Slot[]): Opening[] {
  if (deploy === undefined) return [];
  // Asked with every event: so no array for each of its steps.
  const isTaken: boolean[] = [];
  for (const worker of state.workers) {
    if (worker.ordinal === deploy.ordinal && !isDraining(worker)) isTaken[worker.slot] = true;
  }
  const found: Opening[] = [];
  for (const [slot, pace] of paces.entries()) {
    if (slot < state.wanted && !isTaken[slot]) found.push({ deploy, slot, pace });
  }
  return found;
}

/** Of the candidate, and one has failed in it. */
export function failedOpenings(state: State): readonly Opening[] {
  if (state.candidate === undefined || state.slots.every(({ failures }) => failures === 0)) return [];
  return openingsOf(state, state.candidate, state.slots).filter(({ pace }) => pace.failures > 0);
}

/** A slot of the candidate has failed, and nobody is ever going to give it up. */
export function isStuck({ pool, policy, current, candidate, slots, wanted }: State): boolean {
  if (!pool || policy.maxStartAttempts > 0 || current === undefined || candidate === undefined) return false;
  return slots.slice(0, wanted).some(({ failures }) => failures > 0);
}

/** What the failures and successes in this slot count for; undefined: for nothing any more. */
export function paceOf(state: State, { ordinal, slot }: Pick<Worker, 'ordinal' | 'slot'>): Slot | undefined {
  if (ordinal === filledDeploy(state)?.ordinal) return state.slots[slot];
  return ordinal === state.current?.ordinal ? state.behind[slot] : undefined;
}

/** It runs, or has passed and its worker is not yet spawned; scaling may have made that one superfluous. */
export function isChecking({ check, wanted }: State): boolean {
  return check.name === 'running' || (check.name === 'passed' && (check.slot ?? wanted) < wanted);
}

/** What is being tried or checked was prepared before a request that comes now, which has to wait. */
export function isBusy(state: State): boolean {
  if (isChecking(state)) return true;
  const { current, candidate } = state;
  if (workersOf(state, current).some(isStarting) && !serves(state)) return true;
  return workersOf(state, candidate).length > 0 && failedOpenings(state).length === 0;
}

/** Nobody is to wait for a check while nobody serves: then any worker is better than none. */
export function isStandingIn(state: State): boolean {
  return state.policy.hasCheck && state.current !== undefined && !serves(state);
}

export function nextAttemptAt(state: State): number {
  return openings(state).reduce((at, { pace }) => Math.min(at, attemptAt(pace, state.policy)), NEVER);
}
