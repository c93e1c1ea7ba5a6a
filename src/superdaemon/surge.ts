// --surge: a deploy goes from slot to slot. Each worker that has started lets the old one of its slot go, and makes room for
// the next.

import type { Rolling } from './candidate.ts';
import { isJudged, isOnTrial, workersOf } from './observed.ts';
import { named } from './publish.ts';
import { retireWorkers } from './retire.ts';
import { earliest, type Rule, when } from './rule.ts';
import type { State } from './state.ts';
import { isDraining, isStarted, type Worker } from './worker.ts';

/** One of the candidate has started: the old one of its slot has the kill-old delay. */
export const scheduleRoll: Rule = {
  isFor: ({ surge }) => surge !== undefined,
  dueAt: (state) => when(unscheduled(state).length > 0),
  act: (state) => {
    const at = state.host.now() + state.policy.killOldDelayMs;
    const more = unscheduled(state).map(({ slot, ordinal }): Rolling => ({ at, slot, ordinal }));
    state.rolling = [...state.rolling, ...more];
  },
};

/** From now on the slot is the candidate's, whatever becomes of the others. */
export const roll: Rule = {
  atDeadline: true,
  dueAt: ({ rolling }) => earliest(rolling, ({ at }) => at),
  act: (state) => {
    const now = state.host.now();
    const due = state.rolling.filter(({ at }) => at <= now);
    state.rolling = state.rolling.filter(({ at }) => at > now);
    for (const { slot } of due) rollSlot(state, slot);
  },
};

function unscheduled(state: State): readonly Worker[] {
  const { candidate, current, rolled, rolling } = state;
  if (candidate === undefined || current === undefined || isOnTrial(state)) return [];
  const isDone = ({ ordinal, slot }: Worker) =>
    rolled.some((each) => each.slot === slot && each.deploy.ordinal === ordinal) ||
    rolling.some((each) => each.slot === slot && each.ordinal === ordinal);
  return workersOf(state, candidate).filter((worker) => isStarted(worker) && !isDone(worker));
}

function rollSlot(state: State, slot: number): void {
  const { host, candidate, policy } = state;
  const inSlot = state.workers.filter((worker) => worker.slot === slot && !isDraining(worker));
  const successor = inSlot.find(({ ordinal }) => ordinal === candidate?.ordinal);
  if (candidate === undefined || successor === undefined) return;
  state.rolled = [...state.rolled.filter((each) => each.slot !== slot), { slot, deploy: candidate }];
  const old = inSlot.filter(({ ordinal }) => ordinal < candidate.ordinal);
  const oldPids = old.filter(isStarted).map(({ pid }) => pid);
  host.log({ event: 'slot-rolled', ...named(state, successor), signal: policy.signalOnHup, oldPids });
  retireWorkers(state, old);
}

/** Of a deploy that ends without success: where nobody else serves, its worker has the slot. */
export function keepStarted(state: State): void {
  const { policy, candidate, current, workers } = state;
  if (policy.surge === undefined || candidate === undefined || current === undefined) return;
  const isAlone = (worker: Worker) =>
    workers.every((each) => each === worker || each.slot !== worker.slot || !isStarted(each));
  const kept = workersOf(state, candidate).filter((worker) => isStarted(worker) && isAlone(worker));
  const slots = kept.filter((worker) => !isJudged(state, worker)).map(({ slot }) => slot);
  const others = state.rolled.filter(({ slot }) => !slots.includes(slot));
  state.rolled = [...others, ...slots.map((slot) => ({ slot, deploy: candidate }))];
}
