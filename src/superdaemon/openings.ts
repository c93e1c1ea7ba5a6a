// Places that are to have a worker, and have none; and what has come of the attempts to fill them.

import type { Deploy } from './candidate.ts';
import { isPool, sizeOf } from './configuration.ts';
import {
  deployIn,
  hasWorkers,
  isChecking,
  isCurrent,
  isJudged,
  isOnTrial,
  serves,
  workersOf,
} from './observed.ts';
import { behindRoll, hasRoom, inRoll } from './room.ts';
import { attemptAt, type Slot } from './spacing.ts';
import { NEVER, type State } from './state.ts';
import { isStarting, type Worker } from './worker.ts';

/** A place that is to have a worker, and has none that is starting or started. */
export interface Opening {
  readonly deploy: Deploy;
  readonly slot: number;
  readonly pace: Slot;
}

/** In the order in which they are to be filled. A release that fails for ever leaves the one that serves its turn. */
export function openings(state: State): readonly Opening[] {
  const { candidate, current, slots, behind } = state;
  if (candidate === undefined)
    return openingsOf(state, current, slots).filter((each) => hasRoom(state, each));
  const own = inRoll(state, openingsOf(state, candidate, slots));
  if (!isStuck(state) && !isOnTrial(state)) return own;
  const others = behindRoll(state, openingsOf(state, current, behind));
  if (isOnTrial(state))
    return byLastAttempt([...others, ...(hasWorkers(state, candidate) ? [] : own.slice(0, 1))]);
  const untried = own.filter(({ pace }) => pace.failures === 0);
  return [...untried, ...byLastAttempt([...own.filter(({ pace }) => pace.failures > 0), ...others])];
}

function byLastAttempt(some: readonly Opening[]): Opening[] {
  return some.toSorted((a, b) => a.pace.lastAttemptAt - b.pace.lastAttemptAt);
}

function openingsOf(state: State, deploy: Deploy | undefined, paces: readonly Slot[]): Opening[] {
  if (deploy === undefined) return [];
  // Asked with every event: so no array for each of its steps.
  const isTaken: boolean[] = [];
  for (const worker of workersOf(state, deploy)) if (fillsSlot(state, worker)) isTaken[worker.slot] = true;
  const size = sizeOf(state, deploy);
  const found: Opening[] = [];
  for (const [slot, pace] of paces.entries()) {
    if (slot >= size || isTaken[slot]) continue;
    found.push({ deploy: deploy === state.current ? (deployIn(state, slot) ?? deploy) : deploy, slot, pace });
  }
  return found;
}

/** One that is being recycled leaves its slot open, but not while a deploy is under way. */
function fillsSlot({ candidate }: State, { recycling }: Worker): boolean {
  return candidate !== undefined || !recycling.isUnderWay;
}

/** Of the candidate, and one has failed in it. */
export function failedOpenings(state: State): readonly Opening[] {
  if (state.candidate === undefined || state.slots.every(({ failures }) => failures === 0)) return [];
  return openingsOf(state, state.candidate, state.slots).filter(({ pace }) => pace.failures > 0);
}

/** A slot of the candidate has failed, and nobody is ever going to give it up. */
export function isStuck(state: State): boolean {
  const { policy, current, candidate, slots } = state;
  if (policy.maxStartAttempts > 0 || current === undefined || candidate === undefined) return false;
  if (!isPool(state, current) && !isPool(state, candidate)) return false;
  return slots.slice(0, sizeOf(state, candidate)).some(({ failures }) => failures > 0);
}

/** What the failures and successes in this slot count for; undefined: for nothing any more. */
export function paceOf(state: State, { ordinal, slot }: Pick<Worker, 'ordinal' | 'slot'>): Slot | undefined {
  const { candidate, slots, behind } = state;
  if (ordinal === candidate?.ordinal) return slots[slot];
  if (!isCurrent(state, { ordinal, slot })) return undefined;
  return candidate === undefined ? slots[slot] : behind[slot];
}

/** What is being tried or checked was prepared before a request that comes now, which has to wait. */
export function isBusy(state: State): boolean {
  if (isChecking(state)) return true;
  const { current, candidate } = state;
  if (workersOf(state, current).some(isStarting) && !serves(state)) return true;
  if (candidate === undefined || isJudged(state)) return false;
  return hasWorkers(state, candidate) && failedOpenings(state).length === 0;
}

export function nextAttemptAt(state: State, some: readonly Opening[]): number {
  return some.reduce((at, { pace }) => Math.min(at, attemptAt(pace, state.policy)), NEVER);
}
