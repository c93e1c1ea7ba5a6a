// How an attempt ends: the worker has started, or it is late.

import { attemptFailed } from './attempt-failed.ts';
import { isCurrent, isOnTrial } from './observed.ts';
import { paceOf } from './openings.ts';
import { named, publish } from './publish.ts';
import { retireWorkers } from './retire.ts';
import { earliest, type Rule } from './rule.ts';
import { NEVER, type State } from './state.ts';
import { isStarting, type Worker } from './worker.ts';

/** The time of those being tried is up. */
export const settle: Rule = {
  atDeadline: true,
  dueAt: ({ workers }) => earliest(workers, settlesAt),
  act: (state) => {
    const now = state.host.now();
    for (const worker of state.workers) {
      if (settlesAt(worker) > now) continue;
      if (isAwaited(worker)) tooLate(state, worker);
      else started(state, worker);
    }
  },
};

function settlesAt({ phase }: Worker): number {
  return phase.name === 'starting' ? phase.until : NEVER;
}

export function takeReady(state: State, attempt: number): void {
  const worker = state.workers.find((each) => each.attempt === attempt && isStarting(each));
  if (worker !== undefined && isAwaited(worker)) started(state, worker);
}

/** It has to say itself that it is ready. */
function isAwaited({ phase }: Worker): boolean {
  return phase.name === 'starting' && phase.outcome === 'late';
}

function tooLate(state: State, worker: Worker): void {
  const { readyTimeoutMs: timeoutMs = 0, signalOnTerm: signal } = state.policy;
  state.host.log({ event: 'worker-late', ...named(state, worker), timeoutMs, signal });
  retireWorkers(state, [worker]);
  if (worker.phase.name === 'draining') worker.phase = { ...worker.phase, late: true };
  attemptFailed(state, worker, `worker ${worker.pid} was not ready within ${timeoutMs / 1000} secs`);
}

/** One of the candidate has to live until all have started: its failures count until then. */
function started(state: State, worker: Worker): void {
  const isCandidates = worker.ordinal === state.candidate?.ordinal;
  const isCanary = isCandidates && isOnTrial(state);
  worker.phase = { name: 'started' };
  worker.startedAt = state.host.now();
  // What it said while it was being tried does not count against it.
  if (worker.heardAt !== undefined) worker.heardAt = state.host.now();
  publish(state);
  state.host.log({ event: 'worker-started', ...named(state, worker), ...(isCanary && { canary: isCanary }) });
  const pace = isCurrent(state, worker) && !isCandidates ? paceOf(state, worker) : undefined;
  if (pace !== undefined) pace.failures = 0;
}
