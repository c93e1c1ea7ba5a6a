// All that the superdaemon asks of the world. The real one is wired in start/start.ts; tests simulate it on a virtual clock. Times
// are milliseconds on a monotonic clock.

import type { Frozen } from './frozen.ts';
import type { LogEvent } from './log-event.ts';
import type { Reconfiguration } from './reconfiguration.ts';
import type { Table } from './state.ts';
import type { Death } from './worker.ts';

export type Signal = `SIG${string}`;
/** A generation number with the pid of a worker: a line of the status file. */
export interface LiveGeneration {
  readonly generation: number;
  /** Its slot, in a pool. */
  readonly worker?: number | undefined;
  readonly pid: number;
}

/** What a pool is to grow or shrink to, or by. */
export type Scaling = { readonly to: number } | { readonly by: number };

export type Event =
  | { readonly kind: 'signal'; readonly signal: Signal }
  /** A client asks for a deploy, as HUP does, and wants to know which one serves it. */
  | { readonly kind: 'request'; readonly request: number }
  /** A client asks for more workers, or fewer. */
  | { readonly kind: 'scale'; readonly request: number; readonly scaling: Scaling }
  /** Whoever waits for the first worker does so no longer. */
  | { readonly kind: 'forsaken' }
  /** A client wants the deploy under way to be given up. */
  | { readonly kind: 'cancel'; readonly request: number }
  | ({ readonly kind: 'reconfigure' } & Reconfiguration)
  | Death
  /** What that worker has left has gone. */
  | { readonly kind: 'tree-ended'; readonly pid: number }
  /** The worker of this attempt has said, by itself or through a probe, that it is ready. */
  | { readonly kind: 'ready'; readonly attempt: number }
  /** It has said that it lives, or that it wants to be replaced. */
  | { readonly kind: 'alive' | 'replace'; readonly attempt: number }
  /** The check for this generation has ended; it was refused for this reason. */
  | { readonly kind: 'checked'; readonly generation: number; readonly refusal: string | undefined }
  /** The check of the worker of this attempt, the canary, has ended; it was refused for this reason. */
  | { readonly kind: 'judged'; readonly attempt: number; readonly refusal: string | undefined }
  /** The successor has been tried; it cannot take over, for this reason. */
  | { readonly kind: 'tried'; readonly trial: number; readonly refusal: string | undefined }
  /** The deadline that nextEvent was given has passed, and nothing else is waiting. */
  | { readonly kind: 'deadline' };

export interface Attempt {
  readonly ordinal: number;
  readonly generation: number;
  /** undefined: directory and envdir are looked up for each attempt. */
  readonly frozen: Frozen | undefined;
  /** Counts all spawns. */
  readonly attempt: number;
  /** undefined: it is to be the only worker. */
  readonly place: Place | undefined;
}

/** The slot of a worker, and how many there are. */
export interface Place {
  readonly worker: number;
  readonly workers: number;
}

export type Spawned =
  /** `rebound`: a socket was bound anew for it, which the workers before it do not have. */
  | { readonly kind: 'spawned'; readonly pid: number; readonly rebound?: boolean }
  /** `fault`: whose it is, the program's where nothing is said. */
  | { readonly kind: 'failed'; readonly reason: string; readonly fault?: 'superdaemon' };

export type Checking =
  | { readonly kind: 'running' }
  /** It could not even be run. */
  | { readonly kind: 'failed'; readonly reason: string };

/** What may change between two attempts to start a worker, but for the number of workers: scaling changes that. */
export interface Policy {
  /** The size of the pool at the start; undefined: there is one worker, and no pool. */
  readonly workers: number | undefined;
  /** How many workers may be starting at the same time. */
  readonly startAtOnce: number;
  /** How many workers more than a pool has may live during a deploy, which rolls slot by slot then; undefined: any number. */
  readonly surge: number | undefined;
  readonly intervalMs: number;
  readonly killOldDelayMs: number;
  readonly signalOnHup: Signal;
  readonly signalOnTerm: Signal;
  /** undefined: no auto restart. */
  readonly autoRestartIntervalMs: number | undefined;
  /** How long a worker may take to become ready; undefined: it counts as started when it is alive after the interval. */
  readonly readyTimeoutMs: number | undefined;
  /** Failures of one slot after which a deploy is given up; 0: never. */
  readonly maxStartAttempts: number;
  /** A deploy is checked before its worker is spawned. */
  readonly hasCheck: boolean;
  /** How long the first new worker serves beside all old ones, and is checked then, if it is; undefined: there is no canary. */
  readonly canaryMs: number | undefined;
  readonly hasCanaryCheck: boolean;
  /** SIGKILL for an old worker that has not gone that long after its signal; 0: never. */
  readonly killOldTimeoutMs: number;
  /** So many that were told to go may live on in each slot; undefined: any number. */
  readonly maxOld: number | undefined;
  /** SIGKILL for all workers that long after their signal once we were told to stop; 0: never. */
  readonly stopTimeoutMs: number;
  /** A worker that has said that it lives, and then nothing for that long, is hung; undefined: nobody asks. */
  readonly watchdogMs: number | undefined;
  /** A worker that has started so long ago, or is larger, is replaced; undefined: nobody is for that. */
  readonly maxAgeMs: number | undefined;
  readonly maxMemoryBytes: number | undefined;
  /** The interval grows with each failure up to this; 0: it does not grow. */
  readonly backoffMs: number;
}

export interface Host {
  now(): number;
  /**
   * The next event, in the order in which they happened. Deaths are looked for once more before a deadline is
   * reported, so a worker that a deadline declares alive did live then. Infinity waits for ever.
   */
  nextEvent(deadline: number): Promise<Event>;
  /** Looks up what the workers of this deploy are to share; undefined: nothing, or it cannot be found now. */
  freeze(ordinal: number): Frozen | undefined;
  /** Reads the policy and the environment anew; called once before each attempt, whose check and worker get them. */
  policy(attempt?: Pick<Attempt, 'ordinal' | 'frozen'>): Policy;
  /** Runs the check for the generation that is to be spawned; `checked` follows, within a time limit. */
  check(attempt: Pick<Attempt, 'ordinal' | 'generation' | 'frozen'>): Checking;
  /** Ends the check that is running. Its `checked` may still come. */
  cancelCheck(): void;
  /** Runs the check of the canary, a worker that serves; `judged` follows, within a time limit. */
  judge(canary: Attempt & Pick<LiveGeneration, 'pid'>): Checking;
  /** Ends it. Its `judged` may still come. */
  cancelJudgement(): void;
  /** Tries the program that is on the disk now: could it take over, and go by `to`? `tried` follows, within a time limit. */
  trySuccessor(table: Table, trial: number, to: Reconfiguration | undefined): Checking;
  /** Its `tried` may still come. */
  cancelTrial(): void;
  spawn(attempt: Attempt): Spawned;
  /** Nobody is left of the deploys before this one, nor wanted: what they alone have can be closed. */
  outdate(ordinal: number): void;
  /** Signals a worker that nextEvent has not reported dead, so the pid is still its own. */
  signal(pid: number, signal: Signal): void;
  /** The resident memory of a worker, or of what serves behind it; 0 or undefined: nobody can tell. */
  memoryOf(pid: number): number | undefined;
  /** Signals what a worker has left that nextEvent has reported dead; by handles, so that no other process is meant. */
  signalTree(pid: number, signal: Signal): void;
  /** Makes the started workers known, ascending by generation, then slot. Never fails: a full disk is the host's to report. */
  publish(generations: readonly LiveGeneration[]): void;
  log(event: LogEvent): void;
}
