// All that the superdaemon asks of the world. The real one is wired in commands/start.ts; tests simulate it on
// a virtual clock. Times are milliseconds on a monotonic clock.

import type { LogEvent } from './log-event.ts';

export type Signal = `SIG${string}`;

/** A generation number with the pid of its worker: a line of the status file. */
export interface LiveGeneration {
  readonly generation: number;
  readonly pid: number;
}

export type Event =
  | { readonly kind: 'signal'; readonly signal: Signal }
  | { readonly kind: 'death'; readonly pid: number; readonly status: number }
  /** The deadline that nextEvent was given has passed, and nothing else is waiting. */
  | { readonly kind: 'deadline' };

export type Spawned =
  | { readonly kind: 'spawned'; readonly pid: number }
  | { readonly kind: 'failed'; readonly reason: string };

/** What may change between two attempts to start a worker. */
export interface Policy {
  readonly intervalMs: number;
  readonly killOldDelayMs: number;
  readonly signalOnHup: Signal;
  readonly signalOnTerm: Signal;
  /** undefined: no auto restart. */
  readonly autoRestartIntervalMs: number | undefined;
}

export interface Host {
  now(): number;
  /**
   * The next event, in the order in which they happened. Deaths are looked for once more before a deadline is
   * reported, so a worker that a deadline declares alive did live then. Infinity waits for ever.
   */
  nextEvent(deadline: number): Promise<Event>;
  /** Reads the policy anew; called once before each attempt. */
  policy(): Policy;
  spawn(generation: number): Spawned;
  /** Signals a worker that nextEvent has not reported dead, so the pid is still its own. */
  signal(pid: number, signal: Signal): void;
  /** Makes the started workers known, ascending by generation. Never fails: a full disk is the host's to report. */
  publish(generations: readonly LiveGeneration[]): void;
  log(event: LogEvent): void;
}
