// A worker has died. What is to be done about it the rules see for themselves.

import { attemptFailed, tellRetry } from './attempt-failed.ts';
import { filledDeploy, isStuck, paceOf, serves } from './observed.ts';
import { named } from './publish.ts';
import { forgive } from './spacing.ts';
import type { State } from './state.ts';
import { endInWords } from './wait-status.ts';
import { isStarted, isStarting, type Worker } from './worker.ts';

/** Returns whether it was one of ours. */
export function takeDeath(state: State, pid: number, status: number | undefined): boolean {
  const worker = state.workers.find((each) => each.pid === pid);
  if (worker === undefined) return false;
  report(state, worker, status);
  state.workers = state.workers.filter((each) => each !== worker);
  if (state.ending === undefined) note(state, worker, status);
  return true;
}

function report(state: State, worker: Worker, status: number | undefined): void {
  const { host, ending } = state;
  const { phase } = worker;
  const late = phase.name === 'draining' && !phase.started && ending?.kind !== 'stopped';
  // One that was adopted has started long ago.
  if (status !== undefined && (phase.name === 'starting' || late)) {
    host.log({ event: 'worker-failed-to-start', ...named(state, worker), status });
  } else {
    const role = ending !== undefined ? 'stopping' : isMadeUpFor(state, worker) ? 'current' : 'old';
    host.log({ event: 'worker-died', ...named(state, worker), status, role });
  }
}

/** Once its successor has been asked for, the reference calls a worker old. */
function isMadeUpFor(state: State, worker: Worker): boolean {
  const { ordinal } = worker;
  const filled = ordinal === filledDeploy(state)?.ordinal;
  return isStarted(worker) && (filled || (isStuck(state) && ordinal === state.current?.ordinal));
}

function note(state: State, worker: Worker, status: number | undefined): void {
  const reason = `worker ${worker.pid} ${endInWords(status)}`;
  if (isStarting(worker)) attemptFailed(state, worker, reason);
  else if (isStarted(worker)) lostStarted(state, worker, reason);
}

/** It serves no more, by its death or by what it was told. */
export function lostStarted(state: State, worker: Worker, reason: string): void {
  const { candidate, current } = state;
  if (worker.ordinal === candidate?.ordinal) return attemptFailed(state, worker, reason);
  if (worker.ordinal !== current?.ordinal) return;
  lostCurrent(state, worker);
  const pace = paceOf(state, worker);
  if (candidate === undefined && pace !== undefined) tellRetry(state, pace);
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
