// Liveness: a worker that has said that it lives, and then is silent for too long, is hung, and is replaced. Of one that
// never said so nobody knows.

import { lostStarted } from './death.ts';
import { isRefilling } from './observed.ts';
import { named } from './publish.ts';
import { drain } from './retire.ts';
import { earliest, type Rule } from './rule.ts';
import { NEVER, type State } from './state.ts';
import { isStarted, type Worker } from './worker.ts';

/** We were kept from running for that long: nobody can tell who was silent meanwhile. */
const STOOD_STILL_MS = 1000;

export function takeAlive(state: State, attempt: number): void {
  const worker = state.workers.find((each) => each.attempt === attempt);
  if (worker !== undefined) worker.heardAt = state.host.now();
}

/** One after the other: what hangs them all may pass, or hang their successors, too. */
export const replaceHung: Rule = {
  isFor: ({ watchdogMs }) => watchdogMs !== undefined,
  atDeadline: true,
  dueAt: (state) => {
    const { watchdogMs = NEVER } = state.policy;
    return isRefilling(state) ? NEVER : earliest(state.workers, silentSince) + watchdogMs;
  },
  act: (state) => {
    const { watchdogMs = NEVER, signalOnTerm: signal } = state.policy;
    const now = state.host.now();
    for (const worker of state.workers) {
      if (silentSince(worker) + watchdogMs > now || isRefilling(state)) continue;
      const silentMs = Math.round(now - silentSince(worker));
      state.host.log({ event: 'worker-hung', ...named(state, worker), silentMs, signal });
      drain(state, worker, { signal, timeoutMs: watchdogMs });
      lostStarted(state, worker, `was silent for ${silentMs / 1000} secs`);
    }
  },
};

/** Infinity where nobody knows. */
function silentSince(worker: Worker): number {
  return isStarted(worker) ? (worker.heardAt ?? NEVER) : NEVER;
}

/** `due`: when an event had to come that has come now. */
export function forgiveSilence(state: State, due: number): void {
  const { watchdogMs } = state.policy;
  if (watchdogMs === undefined) return;
  const now = state.host.now();
  if (now - due < Math.min(STOOD_STILL_MS, watchdogMs)) return;
  for (const worker of state.workers) {
    if (worker.heardAt !== undefined) worker.heardAt = now;
  }
}
