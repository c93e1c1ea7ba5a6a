// The size of the pool: asked for by a client, by TTIN and TTOU.

import type { Scaling } from './host.ts';
import { isWhole, workersOf } from './observed.ts';
import { isStuck } from './openings.ts';
import { retireWorkers } from './retire.ts';
import { type Rule, when } from './rule.ts';
import { forgive, freshSlot } from './spacing.ts';
import type { State } from './state.ts';
import type { Worker } from './worker.ts';

/** More than any machine has processors: who asks for more has made a mistake. */
export const MOST_WORKERS = 1024;

/** Returns what the pool is going to have. */
export function wantScale(state: State, scaling: Scaling): number {
  const target = 'to' in scaling ? scaling.to : state.target + scaling.by;
  state.target = Math.max(1, Math.min(MOST_WORKERS, target));
  // Whoever asked is told of it also where nothing changes.
  state.announced = false;
  // And of a worker that keeps failing, though others were told before. A deploy under way keeps its count.
  if (state.candidate === undefined) forgive(state.slots);
  return state.target;
}

/** It waits while a deploy is under way. Places that are not wanted any more keep their pace. */
export const scale: Rule = {
  dueAt: (state) => {
    const { target, wanted, candidate } = state;
    return when(target !== wanted && (candidate === undefined || isStuck(state)));
  },
  act: (state) => {
    const { wanted: from, target: to } = state;
    state.host.log({ event: 'scaled', from, to });
    state.wanted = to;
    const more = Array.from({ length: Math.max(0, to - state.slots.length) });
    state.slots = [...state.slots, ...more.map(freshSlot)];
    state.behind = [...state.behind, ...more.map(freshSlot)];
  },
};

/** Not while a lower slot is empty: those above may be all that serves. */
export const shrink: Rule = {
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
    const { pool, announced, target, wanted, current } = state;
    return when(pool && !announced && target === wanted && isWhole(state, current));
  },
  act: (state) => {
    state.announced = true;
    const { generation = state.generation } = state.current ?? {};
    const mixed = state.rolled.some(({ slot }) => slot < state.wanted);
    state.host.log({ event: 'all-started', generation, workers: state.wanted, ...(mixed && { mixed }) });
  },
};
