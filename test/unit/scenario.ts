// What a simulated world holds in store for the superdaemon: scripts of workers and of what happens to them.

import type { Event, LiveGeneration, Policy, Signal } from '../../src/superdaemon/host.ts';
import type { LogEvent } from '../../src/superdaemon/log-event.ts';

export interface WorkerScript {
  /** How long after its spawn it dies by itself, and with which wait status. */
  readonly diesAfterMs?: number;
  readonly status?: number;
  /** How long after a signal it goes, with status 0; Infinity: it ignores all but SIGKILL. */
  readonly goesAfterMs?: number;
}

export type SpawnScript = WorkerScript | { readonly fails: string };

export type Happening =
  | { readonly atMs: number; readonly signal: Signal }
  /** The worker of a generation dies, as by the hand of an operator; -1 is the newest that lives, -2 the one before. */
  | { readonly atMs: number; readonly dies: number | 'all'; readonly status: number }
  /** Everything stands still meanwhile, the superdaemon too. */
  | { readonly atMs: number; readonly standsStillMs: number };

export type Call = 'policy' | 'spawn' | 'signal' | 'publish' | 'log';

/** Hears of all that happens between the superdaemon and the world, as it happens. */
export interface Observer {
  policy(policy: Policy): void;
  spawning(generation: number, nowMs: number): void;
  spawned(generation: number, pid: number | undefined, nowMs: number): void;
  signalled(pid: number, signal: Signal, nowMs: number): void;
  published(generations: readonly LiveGeneration[], nowMs: number): void;
  logged(entry: LogEvent, nowMs: number): void;
  waiting(deadline: number, nowMs: number): void;
  event(event: Event, nowMs: number): void;
}

export interface Scenario {
  readonly policy?: Partial<Policy> | ((nowMs: number) => Partial<Policy>);
  /** One for each attempt; those after the last one live until they are signalled. */
  readonly workers?: readonly SpawnScript[] | ((nowMs: number) => SpawnScript);
  readonly happenings?: readonly Happening[];
  readonly spawnTakesMs?: number;
  /** The lowest pid that is free, instead of one that was never used before. */
  readonly reusesPids?: true;
  /** Whether this call, the nth of its kind (from 1), throws after it has been recorded. */
  readonly throws?: (call: Call, nth: number, nowMs: number) => boolean;
  readonly observer?: Partial<Observer>;
  /** A day when nothing else is said. */
  readonly untilMs?: number;
  /** Whether the observer has seen enough. */
  readonly enough?: () => boolean;
}

/** The defaults of the command line. */
export const EVERYDAY: Policy = {
  intervalMs: 1000,
  killOldDelayMs: 0,
  signalOnHup: 'SIGTERM',
  signalOnTerm: 'SIGTERM',
  autoRestartIntervalMs: undefined,
};

export const lives: WorkerScript = {};
export const diesAfter = (diesAfterMs: number, status = 256): WorkerScript => ({ diesAfterMs, status });
export const goesAfter = (goesAfterMs: number): WorkerScript => ({ goesAfterMs });
export const ignoresSignals: WorkerScript = { goesAfterMs: Number.POSITIVE_INFINITY };
export const cannotSpawn = (fails: string): SpawnScript => ({ fails });

export const signalAt = (atMs: number, signal: Signal): Happening => ({ atMs, signal });
export const hup = (atMs: number) => signalAt(atMs, 'SIGHUP');
export const term = (atMs: number) => signalAt(atMs, 'SIGTERM');
export const dies = (atMs: number, generation: number, status = 9): Happening => ({
  atMs,
  dies: generation,
  status,
});
