// A worker has died. What is to be done about it the rules see for themselves.

import { attemptFailed, tellRetry } from './attempt-failed.ts';
import { refuseCanary } from './canary.ts';
import { isPool } from './configuration.ts';
import type { LogEvent } from './log-event.ts';
import { deployIn, isCurrent, isJudged, isOnTrial, serves, servingWorkers, twinOf } from './observed.ts';
import { isStuck, paceOf } from './openings.ts';
import { named } from './publish.ts';
import { recycleFailed } from './recycle-failed.ts';
import { FIRST_WAIT_MS } from './resend.ts';
import { drainTree } from './retire.ts';
import { forgive } from './spacing.ts';
import type { State } from './state.ts';
import { endInWords } from './wait-status.ts';
import { type Death, hasStarted, isDraining, isStarted, isStarting, type Worker } from './worker.ts';

/** Returns whether one of ours has gone. */
export function takeDeath(state: State, { pid, status, left = [] }: Death): boolean {
  const worker = state.workers.find((each) => each.pid === pid && each.outlived === undefined);
  if (worker === undefined) return false;
  const place = state.workers.indexOf(worker);
  const isReported = left.length === 0 || !isDraining(worker);
  if (left.length > 0) state.host.log({ event: 'worker-outlived', ...named(state, worker), left });
  if (isReported) lost(state, worker, status);
  if (left.length === 0) return true;
  const phase = drainTree(state, worker);
  const resend = { signal: phase.signal, at: state.host.now(), waitMs: FIRST_WAIT_MS };
  const row = { ...worker, phase: { ...phase, resend }, outlived: { status, isReported } };
  state.workers = state.workers.filter((each) => each !== worker).toSpliced(place, 0, row);
  return isReported;
}

/** The last of what a worker had left has gone. Returns whether it was one of ours. */
export function takeTreeEnd(state: State, pid: number): boolean {
  const worker = state.workers.find((each) => each.pid === pid && each.outlived !== undefined);
  if (worker?.outlived === undefined) return false;
  const { isReported, status } = worker.outlived;
  if (!isReported) report(state, worker, status);
  state.host.log({ event: 'worker-tree-ended', ...named(state, worker) });
  state.workers = state.workers.filter((each) => each !== worker);
  return true;
}

function lost(state: State, worker: Worker, status: number | undefined): void {
  report(state, worker, status);
  state.workers = state.workers.filter((each) => each !== worker);
  if (state.ending === undefined) note(state, worker, status);
}

function report(state: State, worker: Worker, status: number | undefined): void {
  const { host } = state;
  // One that was adopted has started long ago.
  if (status !== undefined && hasFailedToStart(state, worker)) {
    host.log({ event: 'worker-failed-to-start', ...named(state, worker), status });
  } else {
    host.log({ event: 'worker-died', ...named(state, worker), status, role: roleOf(state, worker) });
  }
}

/** One of a pool that was told to go for another reason than its lateness was not wanted any more. */
function hasFailedToStart(state: State, worker: Worker): boolean {
  const { phase } = worker;
  if (phase.name !== 'draining') return phase.name === 'starting';
  return !phase.started && state.ending?.kind !== 'stopped' && (phase.late || !isPool(state, worker));
}

function roleOf(state: State, worker: Worker): Extract<LogEvent, { event: 'worker-died' }>['role'] {
  if (state.ending !== undefined) return 'stopping';
  if (isJudged(state, worker)) return 'canary';
  if (isMadeUpFor(state, worker)) return 'current';
  return isNew(state, worker) ? 'new' : 'old';
}

/** It never was one of those that serve: it had not started yet, or its deploy has not. */
function isNew(state: State, worker: Worker): boolean {
  return !hasStarted(worker) || worker.ordinal > (deployIn(state, worker.slot)?.ordinal ?? worker.ordinal);
}

/** Once its successor has been asked for, the reference calls a worker old. */
function isMadeUpFor(state: State, worker: Worker): boolean {
  const { candidate } = state;
  const filled = candidate === undefined ? isCurrent(state, worker) : worker.ordinal === candidate.ordinal;
  return isStarted(worker) && (filled || (isStillFilled(state) && isCurrent(state, worker)));
}

/** Without the last one that serves nobody waits for a canary. */
function isStillFilled(state: State): boolean {
  return isStuck(state) || (isOnTrial(state) && servingWorkers(state).length > 1);
}

function note(state: State, worker: Worker, status: number | undefined): void {
  const reason = `worker ${worker.pid} ${endInWords(status)}`;
  if (isStarting(worker)) attemptFailed(state, worker, reason);
  else if (isStarted(worker)) lostStarted(state, worker, endInWords(status));
}

/** It serves no more, by its death or by what it was told. `why`: behind its name. */
export function lostStarted(state: State, worker: Worker, why: string): void {
  const { candidate } = state;
  const { slot, ordinal, pid } = worker;
  state.rolling = state.rolling.filter((each) => each.slot !== slot || each.ordinal !== ordinal);
  if (isJudged(state, worker)) return refuseCanary(state, worker, `canary ${pid} ${why}`);
  if (ordinal === candidate?.ordinal) return attemptFailed(state, worker, `worker ${pid} ${why}`);
  if (!isCurrent(state, worker) || recycleFailed(state, worker, `worker ${pid} ${why}`)) return;
  const successor = twinOf(state, worker);
  // It was to go anyway.
  if (successor !== undefined && isStarted(successor)) return;
  lostCurrent(state, worker);
  const pace = paceOf(state, worker);
  if (successor !== undefined || pace === undefined) return;
  if (candidate === undefined || isOnTrial(state)) tellRetry(state, pace);
}

/** The old ones, where they were not signalled yet, serve on until current is whole again. */
function lostCurrent(state: State, worker: Worker): void {
  // Whoever is tried next in its slot makes up for it, a candidate's worker too.
  for (const pace of [state.slots[worker.slot], paceOf(state, worker)]) {
    if (pace !== undefined) pace.isRetry = true;
  }
  state.retirements = [];
  state.announced = false;
  if (serves(state)) return;
  // What failed before must not keep the replacement waiting.
  forgive(state.slots);
  forgive(state.behind);
}
