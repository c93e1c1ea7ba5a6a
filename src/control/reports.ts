// What a client is told of a worker, of a process that was left behind, of a failure.

import type { RecycleReason } from '../superdaemon/recycling.ts';

export interface WorkerReport {
  readonly generation: number;
  /** Its slot, in a pool. */
  readonly worker?: number | undefined;
  readonly pid: number;
  readonly phase: 'starting' | 'canary' | 'current' | 'old' | 'leaving';
  /** Where it was started, if its deploy is frozen. */
  readonly directory?: string | undefined;
  /** Milliseconds since its spawn. */
  readonly ageMs: number;
  /** When that was, on the wall clock; an older superdaemon does not say. */
  readonly since?: number;
  /** The worker's own words, from sd_notify(3)'s STATUS=. */
  readonly status: string | undefined;
  /** The process that serves, where the worker is a wrapper around it. */
  readonly main?: number | undefined;
  /** Why another one of its release takes its place. */
  readonly recycling?: RecycleReason | undefined;
  /** It goes by a command line before ours. */
  readonly earlier?: true | undefined;
}

/** A process that still has our sockets. */
export interface LeftReport {
  /** Of the dead worker that has started it. */
  readonly generation: number;
  /** That worker's pid. */
  readonly leftBy: number;
  readonly pid: number;
  readonly command: string;
}

export interface HooksReport {
  /** Events whose command has not begun. */
  readonly waiting: number;
  /** Since the start. */
  readonly dropped: number;
}

export interface FailureReport {
  readonly reason: string;
  /** Milliseconds since. */
  readonly ageMs: number;
  /** That failed in a row; 0: somebody has started since. */
  readonly attempts: number;
  /** Milliseconds until the next attempt; undefined: none is due. */
  readonly nextInMs: number | undefined;
}
