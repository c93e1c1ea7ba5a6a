// A deploy has succeeded: the candidate becomes current, and those before it are to go.

import type { Deploy } from './candidate.ts';
import { isEarlier } from './configuration.ts';
import { numberOf } from './deploy.ts';
import { forgetCanary } from './forget-canary.ts';
import { deployIn, isOnTrial, isWhole, oldWorkers, servingWorkers } from './observed.ts';
import { retireWorkers } from './retire.ts';
import { type Rule, when } from './rule.ts';
import { takePendingSize } from './scale.ts';
import { forget } from './spacing.ts';
import type { State } from './state.ts';
import { isStarting, type Worker } from './worker.ts';

/** It has started in all slots. Nobody needs any more whom an earlier deploy is still trying. */
export const promote: Rule = {
  dueAt: (state) => when(isWhole(state, state.candidate) && !isOnTrial(state)),
  act: (state) => {
    const { candidate } = state;
    if (candidate === undefined) return;
    const { ordinal } = candidate;
    state.current = candidate;
    state.rolled = [];
    state.rolling = [];
    state.candidate = undefined;
    state.check = { name: 'none' };
    forgetCanary(state);
    state.announced = false;
    if (!isEarlier(state, ordinal)) takePendingSize(state);
    forget(state.slots);
    forget(state.behind);
    scheduleRetirement(state, candidate, ordinal > 1 ? numberOf(ordinal) : undefined);
    const superfluous = (worker: Worker) => worker.ordinal < ordinal && isStarting(worker);
    retireWorkers(state, state.workers.filter(superfluous));
  },
};

/** One of current had died, and its old ones were spared until it is whole again. */
export const reschedule: Rule = {
  amongSeveral: true,
  dueAt: (state) => when(unretired(state).length > 0 && isWhole(state, state.current)),
  act: (state) => {
    if (state.current !== undefined) scheduleRetirement(state, state.current, undefined);
  },
};

function unretired(state: State): readonly Worker[] {
  return oldWorkers(state).filter(({ ordinal }) =>
    state.retirements.every(({ before }) => before <= ordinal),
  );
}

/** The old workers have the kill-old delay. `deploy`: undefined where nobody asked for one. */
function scheduleRetirement(state: State, current: Deploy, deploy: number | undefined): void {
  const { host, policy, workers } = state;
  const old = oldWorkers(state);
  const serving = servingWorkers(state);
  const [successor] = serving;
  if (successor === undefined || (deploy === undefined && old.length === 0)) return;
  host.log({
    event: 'deployed',
    deploy,
    generation: successor.generation,
    pid: successor.pid,
    signal: policy.signalOnHup,
    oldPids: old.map(({ pid }) => pid),
    leaving: workers.filter((worker) => !serving.includes(worker)).map(({ pid }) => pid),
  });
  if (policy.killOldDelayMs > 0) host.log({ event: 'kill-old-delay', delayMs: policy.killOldDelayMs });
  // Where a roll has stopped half-way a slot may be ahead of current, and its old one of current's own deploy.
  const newest = old.map(({ slot }) => deployIn(state, slot)?.ordinal ?? 0);
  const before = Math.max(current.ordinal, ...newest);
  const retirement = { at: host.now() + policy.killOldDelayMs, before };
  state.retirements = [...state.retirements, retirement].sort((a, b) => a.at - b.at);
}
