// How many workers may live during a deploy that rolls slot by slot.

import { isOnTrial, startingCount, twinOf } from './observed.ts';
import type { Opening } from './openings.ts';
import type { State } from './state.ts';
import { isDraining, isStarted, type Worker } from './worker.ts';

/** Of the candidate's openings, those that may be filled now: where nobody serves first, then one after the other. */
export function inRoll(state: State, own: readonly Opening[]): readonly Opening[] {
  if (state.policy.surge === undefined || state.current === undefined) return own;
  const bare = own.filter(({ slot }) => isBare(state, slot));
  const others = own.filter((opening) => !bare.includes(opening));
  const failed = others.filter(({ pace }) => pace.failures > 0);
  // A slot that fails stops the roll.
  return [...bare, ...(failed.length > 0 ? failed : others)].filter((opening) => hasRoom(state, opening));
}

/** Of the openings of what serves: where the candidate has started, and is no canary, the slot is as good as its own. */
export function behindRoll(state: State, others: readonly Opening[]): readonly Opening[] {
  const { policy, candidate } = state;
  if (policy.surge === undefined) return others;
  const theirs = others.filter(({ deploy }) => deploy.ordinal !== candidate?.ordinal);
  const wanting = isOnTrial(state) ? theirs : theirs.filter(({ slot }) => isBare(state, slot));
  return wanting.filter((opening) => hasRoom(state, opening));
}

/** Where more live already than may, one worker at a time makes way for the rest. */
export function hasRoom(state: State, { slot }: Pick<Opening, 'slot'>): boolean {
  const { policy, current, workers, wanted } = state;
  const { surge } = policy;
  if (surge === undefined || current === undefined) return true;
  if (workers.length < wanted + surge) return true;
  return isBare(state, slot) || !isAnyOnTheWay(state);
}

function isBare({ workers }: State, slot: number): boolean {
  return workers.every((worker) => worker.slot !== slot || !isStarted(worker));
}

/** Somebody is coming or going, or is to go. */
function isAnyOnTheWay(state: State): boolean {
  return (
    startingCount(state) > 0 ||
    state.workers.some((worker) => isDraining(worker) || isRelieved(state, worker)) ||
    [...state.retirements, ...state.rolling].length > 0
  );
}

/** It is being recycled, and its successor has come. */
function isRelieved(state: State, worker: Worker): boolean {
  return worker.recycling.isUnderWay && twinOf(state, worker) !== undefined;
}
