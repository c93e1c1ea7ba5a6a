// The size of the pool: asked for by a client, by TTIN and TTOU.

import { endingReason } from './cancel.ts';
import { isPool, isPoolNow } from './configuration.ts';
import type { Scaling } from './host.ts';
import { filledDeploy, isWhole, workersOf } from './observed.ts';
import { isStuck } from './openings.ts';
import { retireWorkers } from './retire.ts';
import { type Rule, when } from './rule.ts';
import { forgive, freshSlot } from './spacing.ts';
import type { State } from './state.ts';
import type { Worker } from './worker.ts';

/** More than any machine has processors: who asks for more has made a mistake. */
export const MOST_WORKERS = 1024;

export function takeScale(state: State, request: number, scaling: Scaling): void {
  const reason = endingReason(state) ?? noPool(state);
  if (reason !== undefined) state.host.log({ event: 'request-refused', request, reason });
  else state.host.log({ event: 'scale-accepted', request, workers: wantScale(state, scaling) });
}

export function scaleBySignal(state: State, by: number): void {
  if (noPool(state) === undefined) wantScale(state, { by });
}

/** Why nothing can be scaled. */
function noPool(state: State): string | undefined {
  if (!isPoolNow(state)) return 'it was started without --workers';
  const deploy = filledDeploy(state);
  return deploy === undefined || isPool(state, deploy)
    ? undefined
    : 'its worker was started without --workers';
}

/** Returns what the pool is going to have. The size that a deploy is to bring is scaled with it. */
function wantScale(state: State, scaling: Scaling): number {
  const { target, pendingSize } = state;
  state.target = scaled(target, scaling);
  if (pendingSize !== undefined) state.pendingSize = scaled(pendingSize, scaling);
  // Whoever asked is told of it also where nothing changes.
  state.announced = false;
  // And of a worker that keeps failing, though others were told before. A deploy under way keeps its count.
  if (state.candidate === undefined) forgive(state.slots);
  return state.target;
}

function scaled(size: number, scaling: Scaling): number {
  const to = 'to' in scaling ? scaling.to : size + scaling.by;
  return Math.max(1, Math.min(MOST_WORKERS, to));
}

/** A deploy of our command line has succeeded. */
export function takePendingSize(state: State): void {
  state.target = state.pendingSize ?? state.target;
  state.pendingSize = undefined;
}

/** It waits while a deploy is under way. Places that are not wanted any more keep their pace. */
export const scale: Rule = {
  dueAt: (state) => {
    const { wanted, candidate } = state;
    return when(targetOf(state) !== wanted && (candidate === undefined || isStuck(state)));
  },
  act: (state) => {
    const from = state.wanted;
    const to = targetOf(state);
    state.host.log({ event: 'scaled', from, to });
    state.wanted = to;
    state.target = to;
    const more = Array.from({ length: Math.max(0, to - state.slots.length) });
    state.slots = [...state.slots, ...more.map(freshSlot)];
    state.behind = [...state.behind, ...more.map(freshSlot)];
  },
};

/** A single worker takes the place of the whole pool. */
function targetOf(state: State): number {
  const { current, target } = state;
  return current === undefined || isPool(state, current) ? target : 1;
}

/** Not while a lower slot is empty: those above may be all that serves. */
export const shrink: Rule = {
  amongSeveral: true,
  dueAt: (state) => when(isWhole(state, state.current) && surplusWorkers(state).length > 0),
  act: (state) => retireWorkers(state, surplusWorkers(state)),
};

/** Of current, in places that are not wanted. */
function surplusWorkers(state: State): readonly Worker[] {
  return workersOf(state, state.current).filter(({ slot }) => slot >= state.wanted);
}

/** All workers of the pool have started. */
export const announce: Rule = {
  dueAt: (state) => {
    const { announced, target, wanted, current } = state;
    if (announced || current === undefined || !isPool(state, current)) return when(false);
    return when(target === wanted && isWhole(state, current));
  },
  act: (state) => {
    state.announced = true;
    const { generation = state.generation } = state.current ?? {};
    const mixed = state.rolled.some(({ slot }) => slot < state.wanted);
    state.host.log({ event: 'all-started', generation, workers: state.wanted, ...(mixed && { mixed }) });
  },
};
