// A new generation: the attempt, its failure, and the moment at which it takes over.

import { attemptAt } from './deadlines.ts';
import { deployOnceMore, giveUp, isHopeless, refuse } from './deploy.ts';
import { drain, scheduleRetirement } from './retire.ts';
import { wantReplacement } from './spacing.ts';
import { currentWorker, endWith, publish, type State, startingWorker } from './state.ts';
import type { Phase, Worker } from './worker.ts';

/** A worker that never became ready gets this long to go, where no --kill-old-timeout says otherwise. */
export const LATE_GRACE_MS = 10_000;

/** After every event, not only after a deadline: what is due at once need not wait for the next turn of the loop. */
export function attemptIfDue(state: State): void {
  if (attemptAt(state) <= state.host.now()) attempt(state);
}

function attempt(state: State): void {
  const { host } = state;
  const isRetry = state.attempt.name === 'due' && state.attempt.isRetry;
  state.attempt = { name: 'none' };
  if (state.generation > state.inherited) state.policy = host.policy();
  state.generation += 1;
  // The spacing counts from when an attempt was made: a process that was stopped makes it late.
  state.lastAttemptAt = host.now();
  if (isRetry) state.lastRetryAt = state.lastAttemptAt;
  if (needsCheck(state)) return check(state);
  // Nobody checked it, so it only stands in: the deploy is made up for once it serves.
  if (state.policy.hasCheck && state.deploying) {
    state.deploying = false;
    state.deployAgain = true;
  }
  spawn(state);
}

/** Not when a worker that died is to be replaced and nobody else serves: then any worker is better than none. */
function needsCheck(state: State): boolean {
  return state.policy.hasCheck && (currentWorker(state) !== undefined || !state.hasEverStarted);
}

function check(state: State): void {
  const { host, generation } = state;
  state.attempt = { name: 'checking', generation };
  host.log({ event: 'checking', generation });
  const checking = host.check(generation);
  if (checking.kind === 'failed') refuse(state, checking.reason);
}

export function takeChecked(state: State, generation: number, refusal: string | undefined): void {
  if (state.attempt.name !== 'checking' || state.attempt.generation !== generation) return;
  state.attempt = { name: 'none' };
  if (refusal === undefined) spawn(state);
  else refuse(state, refusal);
}

function spawn(state: State): void {
  const { host, generation } = state;
  const spawned = host.spawn(generation);
  state.lastAttemptAt = host.now();
  if (spawned.kind === 'failed') return spawnFailed(state, spawned.reason);
  const { pid } = spawned;
  state.workers = [...state.workers, { generation, pid, phase: starting(state) }];
  host.log({ event: 'worker-starting', generation, pid });
}

function starting({ policy, lastAttemptAt }: State): Phase {
  const { intervalMs, readyTimeoutMs } = policy;
  return readyTimeoutMs === undefined
    ? { name: 'starting', until: lastAttemptAt + intervalMs, outcome: 'started' }
    : { name: 'starting', until: lastAttemptAt + readyTimeoutMs, outcome: 'late' };
}

function spawnFailed(state: State, reason: string): void {
  if (state.generation === state.inherited + 1) {
    endWith(state, { kind: 'never-started', reason });
    return;
  }
  state.host.log({ event: 'spawn-failed', generation: state.generation, reason });
  attemptFailed(state, reason);
}

/** The next attempt is spawned after any request that came meanwhile, and so serves it too. */
export function attemptFailed(state: State, reason: string): void {
  state.failures += 1;
  if (isHopeless(state) && !state.deployAgain) return giveUp(state, reason);
  wantReplacement(state);
  deployOnceMore(state);
}

/** The time of the worker being tried is up. */
export function settle(state: State, worker: Worker): void {
  if (worker.phase.name === 'starting' && worker.phase.outcome === 'late') tooLate(state, worker);
  else takeOver(state, worker);
}

function tooLate(state: State, worker: Worker): void {
  const { generation, pid } = worker;
  const { readyTimeoutMs = 0, signalOnTerm: signal, killOldTimeoutMs } = state.policy;
  state.host.log({ event: 'worker-late', generation, pid, timeoutMs: readyTimeoutMs, signal });
  drain(state, worker, { signal, timeoutMs: killOldTimeoutMs || LATE_GRACE_MS });
  attemptFailed(state, `worker ${pid} was not ready within ${readyTimeoutMs / 1000} secs`);
}

export function takeReady(state: State, generation: number): void {
  const worker = startingWorker(state);
  if (worker?.generation !== generation) return;
  if (worker.phase.name !== 'starting' || worker.phase.outcome !== 'late') return;
  takeOver(state, worker);
  deployOnceMore(state);
}

/** The worker being tried has proved itself: it is current, and those before it are to go. */
function takeOver(state: State, worker: Worker): void {
  const { generation, pid } = worker;
  for (const other of state.workers) {
    if (other.phase.name === 'current') other.phase = { name: 'old' };
  }
  worker.phase = { name: 'current' };
  state.hasEverStarted = true;
  state.failures = 0;
  publish(state);
  state.host.log({ event: 'worker-started', generation, pid });
  scheduleRetirement(state, worker);
  state.deploying = false;
}
