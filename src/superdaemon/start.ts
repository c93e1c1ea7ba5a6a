// A new generation: the attempt, its failure, and the moment at which it takes over.

import { NEVER, publish, type State } from './state.ts';
import type { Worker } from './worker.ts';

/** However short the interval, failing workers are not replaced more often than this. */
const RETRY_MS = 100;

/** No attempt comes sooner than the interval after the last one; one that is wanted already keeps its time. */
export function wantWorker(state: State): void {
  if (state.attemptAt === NEVER) state.attemptAt = earliestAttempt(state);
}

/** The same after a failure: the first is made up for at once, the next ones no faster than RETRY_MS. */
export function wantReplacement(state: State): void {
  if (state.attemptAt !== NEVER) return;
  state.attemptAt = Math.max(earliestAttempt(state), state.lastRetryAt + RETRY_MS);
  state.lastRetryAt = state.attemptAt;
}

function earliestAttempt(state: State): number {
  return Math.max(state.host.now(), state.lastAttemptAt + state.policy.intervalMs);
}

export function attempt(state: State): void {
  const { host } = state;
  const isRetry = state.attemptAt === state.lastRetryAt;
  state.attemptAt = NEVER;
  if (state.generation > 0) state.policy = host.policy();
  const generation = ++state.generation;
  const spawned = host.spawn(generation);
  state.lastAttemptAt = host.now();
  // The spacing counts from when an attempt was made: a process that was stopped makes it late.
  if (isRetry) state.lastRetryAt = state.lastAttemptAt;
  if (spawned.kind === 'failed') return spawnFailed(state, spawned.reason);
  const settlesAt = state.lastAttemptAt + state.policy.intervalMs;
  const worker: Worker = { generation, pid: spawned.pid, phase: { name: 'starting', settlesAt } };
  state.workers = [...state.workers, worker];
  host.log({ event: 'worker-starting', generation, pid: spawned.pid });
}

function spawnFailed(state: State, reason: string): void {
  if (state.generation === 1) {
    state.outcome = { kind: 'never-started', reason };
    return;
  }
  state.host.log({ event: 'spawn-failed', generation: state.generation, reason });
  wantReplacement(state);
}

/** The worker being tried has proved itself: it is current, and those before it are to go. */
export function takeOver(state: State, worker: Worker): void {
  for (const other of state.workers) {
    if (other.phase.name === 'current') other.phase = { name: 'old' };
  }
  worker.phase = { name: 'current' };
  publish(state);
  const old = state.workers.filter(({ phase }) => phase.name === 'old');
  if (state.deploying || old.length > 0) scheduleRetirement(state, worker, old);
  state.deploying = false;
}

function scheduleRetirement(state: State, successor: Worker, old: readonly Worker[]): void {
  const { host, policy } = state;
  host.log({ event: 'deployed', signal: policy.signalOnHup, oldPids: old.map(({ pid }) => pid) });
  if (policy.killOldDelayMs > 0) host.log({ event: 'kill-old-delay', delayMs: policy.killOldDelayMs });
  const retirement = { at: host.now() + policy.killOldDelayMs, before: successor.generation };
  state.retirements = [...state.retirements, retirement].sort((a, b) => a.at - b.at);
}
