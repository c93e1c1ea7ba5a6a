// When something in the table is due: the loop waits for whatever comes first.

import { NEVER, type State, startingWorker } from './state.ts';
import { isOld, killAtOf } from './worker.ts';

export function nextDeadline(state: State): number {
  return Math.min(
    attemptAt(state),
    settlesAt(state),
    state.retirements[0]?.at ?? NEVER,
    autoRestartAt(state),
    ...state.workers.map(killAtOf),
  );
}

export function attemptAt({ attempt }: State): number {
  return attempt.name === 'due' ? attempt.at : NEVER;
}

/** When the worker being tried counts as started, or as late. */
export function settlesAt(state: State): number {
  const phase = startingWorker(state)?.phase;
  return phase?.name === 'starting' ? phase.until : NEVER;
}

/** An interval after the last attempt; two when an old worker is still there. NEVER while a start is under way. */
export function autoRestartAt(state: State): number {
  const { autoRestartIntervalMs } = state.policy;
  if (autoRestartIntervalMs === undefined || state.ending !== undefined) return NEVER;
  if (state.attempt.name !== 'none' || startingWorker(state) !== undefined) return NEVER;
  return state.lastAttemptAt + autoRestartIntervalMs * (state.workers.some(isOld) ? 2 : 1);
}
