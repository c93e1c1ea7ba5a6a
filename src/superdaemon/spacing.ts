// When the next worker may be tried.

import { NEVER, type State } from './state.ts';

/** However short the interval, workers that die are not replaced more often than this. */
const RETRY_MS = 100;
/** How the interval grows from one failure to the next, where it is to grow. */
const GROWTH = 1.5;

/** No attempt comes sooner than the interval after the last one; one that is wanted already keeps its time. */
export function wantWorker(state: State): void {
  want(state, false);
}

/** The same for a worker that died: the first is made up for at once, the next ones no faster than RETRY_MS. */
export function wantReplacement(state: State): void {
  want(state, true);
  const { attempt, host } = state;
  if (attempt.name === 'due')
    host.log({ event: 'retry-scheduled', inMs: Math.max(0, attempt.at - host.now()) });
}

function want(state: State, forDeath: boolean): void {
  const { attempt } = state;
  if (attempt.name === 'checking') return;
  const isRetry = forDeath || (attempt.name === 'due' && attempt.isRetry);
  const at = earliestAttempt(state, isRetry);
  state.attempt = { name: 'due', at: Math.min(at, attempt.name === 'due' ? attempt.at : NEVER), isRetry };
}

function earliestAttempt(state: State, isRetry: boolean): number {
  const at = Math.max(state.host.now(), state.lastAttemptAt + spacingMs(state));
  return isRetry ? Math.max(at, state.lastRetryAt + RETRY_MS) : at;
}

function spacingMs({ policy: { intervalMs, backoffMs }, failures }: State): number {
  if (backoffMs === 0 || failures === 0) return intervalMs;
  const grown = Math.max(intervalMs, RETRY_MS) * GROWTH ** failures;
  return Math.max(intervalMs, Math.min(grown, backoffMs));
}
