// The first worker of a deploy is a canary: it serves beside all old ones for a while, and what becomes of it decides the
// deploy. Until then nobody else is started, and nobody old is told to go.

import { isPool } from './configuration.ts';
import { numberOf } from './deploy.ts';
import { endWithoutSuccess, keptBy } from './give-up.ts';
import { isJudged, isOnTrial, serves, workersOf } from './observed.ts';
import { named } from './publish.ts';
import { retireWorkers } from './retire.ts';
import { type Rule, when } from './rule.ts';
import { NEVER, type State } from './state.ts';
import { isDraining, isStarted, type Worker } from './worker.ts';

/** It has started. */
export const watchCanary: Rule = {
  isFor: ({ canaryMs }) => canaryMs !== undefined,
  dueAt: (state) => {
    if (!isOnTrial(state) || state.canary.name !== 'none') return NEVER;
    return when(workersOf(state, state.candidate).some(isStarted));
  },
  act: (state) => {
    const { host, policy } = state;
    const { canaryMs = 0 } = policy;
    const worker = workersOf(state, state.candidate).find(isStarted);
    if (worker === undefined) return;
    state.canary = { name: 'watched', attempt: worker.attempt, until: host.now() + canaryMs };
    host.log({ event: 'canary-started', ...named(state, worker), judgedInMs: canaryMs });
  },
};

/** It has lived for as long as it had to. */
export const judgeCanary: Rule = {
  atDeadline: true,
  dueAt: ({ canary }) => (canary.name === 'watched' ? canary.until : NEVER),
  act: (state) => {
    const { host, policy, wanted, candidate } = state;
    const worker = canaryOf(state);
    if (worker === undefined) return;
    if (!policy.hasCanaryCheck) return pass(state, worker);
    const { ordinal, attempt, generation, slot, pid } = worker;
    state.canary = { name: 'checking', attempt };
    host.log({ event: 'canary-checking', ...named(state, worker) });
    const place = isPool(state, worker) ? { worker: slot, workers: wanted } : undefined;
    const checking = host.judge({ ordinal, generation, attempt, place, frozen: candidate?.frozen, pid });
    if (checking.kind === 'failed') takeJudged(state, attempt, checking.reason);
  },
};

/** Nobody old is left who could serve instead: any worker is better than none. */
export const skipCanary: Rule = {
  isFor: ({ canaryMs }) => canaryMs !== undefined,
  dueAt: (state) => {
    const { candidate, current, canary } = state;
    const isToBeJudged = candidate !== undefined && canary.name !== 'passed';
    return when(isToBeJudged && current !== undefined && !serves(state));
  },
  act: (state) => {
    const worker = canaryOf(state);
    if (state.canary.name === 'checking') state.host.cancelJudgement();
    state.canary = { name: 'passed' };
    if (worker !== undefined) state.host.log({ event: 'canary-skipped', ...named(state, worker) });
  },
};

export function takeJudged(state: State, attempt: number, refusal: string | undefined): void {
  const { canary } = state;
  const worker = canaryOf(state);
  if (canary.name !== 'checking' || canary.attempt !== attempt || worker === undefined) return;
  // Its check runs no more.
  state.canary = { name: 'watched', attempt, until: NEVER };
  if (refusal === undefined) pass(state, worker);
  else refuseCanary(state, worker, refusal);
}

/** The deploy has failed, and nothing old was touched. `canary` may have died. */
export function refuseCanary(state: State, canary: Worker, reason: string): void {
  const { host, begun } = state;
  const { generation } = canary;
  host.log({ event: 'canary-refused', deploy: numberOf(begun), generation, reason, keeps: keptBy(state) });
  endWithoutSuccess(state);
  retireWorkers(
    state,
    state.workers.filter((worker) => worker === canary && !isDraining(worker)),
  );
}

function pass(state: State, canary: Worker): void {
  state.canary = { name: 'passed' };
  state.host.log({ event: 'canary-passed', ...named(state, canary) });
}

function canaryOf(state: State): Worker | undefined {
  return state.workers.find((worker) => isJudged(state, worker));
}
