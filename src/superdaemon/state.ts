// The superdaemon's table: the live workers and the deadlines that no single worker owns.

import type { Host, Policy } from './host.ts';
import { isOld, isStarted, type Worker } from './worker.ts';

export type Outcome =
  | { readonly kind: 'stopped' }
  /** The very first worker could not be spawned: nothing was started. */
  | { readonly kind: 'never-started'; readonly reason: string };

export const NEVER = Number.POSITIVE_INFINITY;

/** The old workers that a deploy left behind are to be told to go. */
export interface Retirement {
  readonly at: number;
  /** Those of earlier generations than this one. */
  readonly before: number;
}

export interface State {
  readonly host: Host;
  policy: Policy;
  /** Every live worker, ascending by generation. */
  workers: readonly Worker[];
  /** The last generation number given out; failed attempts use one up too. */
  generation: number;
  lastAttemptAt: number;
  /** The last attempt that made up for a failure. */
  lastRetryAt: number;
  /** When the next worker is to be spawned; NEVER when none is wanted. */
  attemptAt: number;
  /** Ascending by time. None stands while there is no current worker: the old ones serve on until one has started. */
  retirements: readonly Retirement[];
  /** The start that is wanted or under way was asked for, so its success is reported as a deploy. */
  deploying: boolean;
  /** HUP came while a worker was being tried: one more deploy afterwards. */
  deployAgain: boolean;
  stopping: boolean;
  outcome: Outcome | undefined;
}

export function initialState(host: Host): State {
  return {
    host,
    policy: host.policy(),
    workers: [],
    generation: 0,
    lastAttemptAt: -NEVER,
    lastRetryAt: -NEVER,
    attemptAt: host.now(),
    retirements: [],
    deploying: false,
    deployAgain: false,
    stopping: false,
    outcome: undefined,
  };
}

export function nextDeadline(state: State): number {
  return Math.min(state.attemptAt, settlesAt(state), state.retirements[0]?.at ?? NEVER, autoRestartAt(state));
}

/** When the worker being tried counts as started. */
export function settlesAt(state: State): number {
  const phase = startingWorker(state)?.phase;
  return phase?.name === 'starting' ? phase.settlesAt : NEVER;
}

/** An interval after the last attempt; two when an old worker is still there. NEVER while a start is under way. */
export function autoRestartAt(state: State): number {
  const { autoRestartIntervalMs } = state.policy;
  if (autoRestartIntervalMs === undefined || state.stopping) return NEVER;
  if (state.attemptAt !== NEVER || startingWorker(state) !== undefined) return NEVER;
  return state.lastAttemptAt + autoRestartIntervalMs * (state.workers.some(isOld) ? 2 : 1);
}

export function startingWorker(state: State): Worker | undefined {
  return state.workers.find(({ phase }) => phase.name === 'starting');
}

export function publish(state: State): void {
  const started = state.workers.filter(isStarted);
  state.host.publish(started.map(({ generation, pid }) => ({ generation, pid })));
}
