// What the rules ask of the table. Each question is a count or a search over what is there now.

import type { Deploy } from './candidate.ts';
import type { State } from './state.ts';
import { isDraining, isStarted, isStarting, type Worker } from './worker.ts';

/** The deploy whose empty slots get workers. */
export function filledDeploy({ candidate, current }: State): Deploy | undefined {
  return candidate ?? current;
}

/** Its workers but for those that were told to go. */
export function workersOf({ workers }: State, deploy: Deploy | undefined): readonly Worker[] {
  return workers.filter((worker) => worker.ordinal === deploy?.ordinal && !isDraining(worker));
}

export function hasWorkers(state: State, deploy: Deploy): boolean {
  return workersOf(state, deploy).length > 0;
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
