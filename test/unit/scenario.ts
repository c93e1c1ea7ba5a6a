// What a simulated world holds in store for the superdaemon: scripts of workers and of what happens to them.

import type {
  Attempt,
  Event,
  LiveGeneration,
  Policy,
  Scaling,
  Signal,
  Spawned,
} from '../../src/superdaemon/host.ts';
import type { LogEvent } from '../../src/superdaemon/log-event.ts';

export interface WorkerScript {
  /** How long after its spawn it dies by itself, and with which wait status. */
  readonly diesAfterMs?: number;
  readonly status?: number;
  /** How long after a signal it goes, with status 0; Infinity: it ignores all but SIGKILL. */
  readonly goesAfterMs?: number;
  /** How long SIGKILL takes: the kernel may hold it. */
  readonly diesLateMs?: number;
  /** What it has started lives on, and goes so long after a signal of its own; Infinity: it ignores all but SIGKILL. */
  readonly treeGoesAfterMs?: number;
  /** How long after its spawn it says that it is ready, where readiness is asked for; undefined: never. */
  readonly readyAfterMs?: number;
  /** A socket is bound anew for it. */
  readonly rebinds?: true;
  /** How often it says that it lives, where it is asked to, until how long after its spawn. */
  readonly aliveEveryMs?: number;
  readonly hangsAfterMs?: number;
  /** How much it holds more each second. */
  readonly leaksBytes?: number;
  /** How long after its spawn it asks to be replaced. */
  readonly asksAfterMs?: number;
}

/** A worker that outlived the superdaemon before. */
export interface Survivor extends WorkerScript {
  readonly generation: number;
}

export type SpawnScript = WorkerScript | { readonly fails: string };

export type CheckScript =
  | {
      readonly endsAfterMs?: number;
      /** undefined: it passes. */
      readonly refusal?: string;
      /** It says so even when it was cancelled meanwhile. */
      readonly evenCancelled?: true;
    }
  | { readonly fails: string };

/** A generation, by its number or as seen from the last number given out: { newest: -1 } is the one before. */
export type Which = number | { readonly newest: number };

export type Happening =
  | { readonly atMs: number; readonly signal: Signal }
  | { readonly atMs: number; readonly request: number }
  | { readonly atMs: number; readonly scale: Scaling; readonly number: number }
  | { readonly atMs: number; readonly cancel: number }
  /** Whoever waits for the first worker does so no longer. */
  | { readonly atMs: number; readonly forsaken: true }
  | { readonly atMs: number; readonly reconfigure: number }
  /** Says so whoever may, whether this worker lives or not. */
  | { readonly atMs: number; readonly ready: Which }
  /** As of a check that has long ended or been cancelled. */
  | { readonly atMs: number; readonly checked: Which; readonly refusal: string | undefined }
  /** The worker of a generation dies, as by the hand of an operator; -1 is the newest that lives, -2 the one before. */
  | {
      readonly atMs: number;
      readonly dies: number | 'all' | { readonly pid: number };
      readonly status: number;
    }
  /** Everything stands still meanwhile, the superdaemon too. */
  | { readonly atMs: number; readonly standsStillMs: number };

export type Call =
  | 'policy'
  | 'check'
  | 'cancelCheck'
  | 'judge'
  | 'cancelJudgement'
  | 'trySuccessor'
  | 'cancelTrial'
  | 'outdate'
  | 'spawn'
  | 'signal'
  | 'signalTree'
  | 'publish'
  | 'log';

/** Hears of all that happens between the superdaemon and the world, as it happens. */
export interface Observer {
  policy(policy: Policy): void;
  checking(generation: number, nowMs: number): void;
  /** It could not be run. */
  checkFailed(): void;
  checkCancelled(nowMs: number): void;
  trying(trial: number): void;
  proofCancelled(): void;
  /** Another program is to take over. */
  givesWay(): void;
  /** … and goes by another command line from this deploy on. */
  reconfigured(since: number): void;
  outdated(ordinal: number): void;
  spawning(attempt: Attempt, nowMs: number): void;
  spawned(attempt: Attempt, spawned: Spawned, nowMs: number): void;
  signalled(pid: number, signal: Signal, nowMs: number): void;
  /** What that worker has left, which has ended. */
  treeSignalled(pid: number, signal: Signal, nowMs: number): void;
  /** These live at the beginning. */
  survived(workers: readonly LiveGeneration[], last: number): void;
  published(generations: readonly LiveGeneration[], nowMs: number): void;
  logged(entry: LogEvent, nowMs: number): void;
  waiting(deadline: number, nowMs: number): void;
  event(event: Event, nowMs: number): void;
}

export interface Scenario {
  /** `last`: the last generation number that was given out. */
  readonly survivors?: { readonly last: number; readonly workers: readonly Survivor[] };
  /** `changes`: so many other command lines have taken the place of the first one. */
  readonly policy?: Partial<Policy> | ((nowMs: number, changes: number) => Partial<Policy>);
  /** One for each attempt; those after the last one live until they are signalled. */
  readonly workers?: readonly SpawnScript[] | ((nowMs: number, attempt: Attempt) => SpawnScript);
  /** One for each attempt that is checked; those after the last one pass at once. */
  readonly checks?: readonly CheckScript[] | ((nowMs: number) => CheckScript);
  /** Of the canary, one for each time; those after the last one pass at once. */
  readonly judgements?: readonly CheckScript[] | ((nowMs: number) => CheckScript);
  /** Of the program that is to take over, one for each time; those after the last one prove themselves at once. */
  readonly proofs?: readonly CheckScript[] | ((nowMs: number) => CheckScript);
  readonly happenings?: readonly Happening[];
  readonly spawnTakesMs?: number;
  /** Each deploy is frozen: `/release/MS` is the directory, by when it was looked up. */
  readonly freezes?: true | undefined;
  /** The lowest pid that is free, instead of one that was never used before. */
  readonly reusesPids?: true | 'even while a tree lives';
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
  workers: undefined,
  startAtOnce: 1,
  surge: undefined,
  intervalMs: 1000,
  killOldDelayMs: 0,
  signalOnHup: 'SIGTERM',
  signalOnTerm: 'SIGTERM',
  autoRestartIntervalMs: undefined,
  readyTimeoutMs: undefined,
  maxStartAttempts: 0,
  hasCheck: false,
  canaryMs: undefined,
  hasCanaryCheck: false,
  killOldTimeoutMs: 0,
  maxOld: undefined,
  stopTimeoutMs: 0,
  backoffMs: 0,
  watchdogMs: undefined,
  maxAgeMs: undefined,
  maxMemoryBytes: undefined,
};

export const lives: WorkerScript = {};
export const diesAfter = (diesAfterMs: number, status = 256): WorkerScript => ({ diesAfterMs, status });
export const goesAfter = (goesAfterMs: number): WorkerScript => ({ goesAfterMs });
export const leavesTree = (treeGoesAfterMs = 0): WorkerScript => ({ treeGoesAfterMs });
export const ignoresSignals: WorkerScript = { goesAfterMs: Number.POSITIVE_INFINITY };
/** Says every second that it lives, and hangs after so long, and how long it takes to go then. */
export const hangsAfter = (hangsAfterMs: number, goesAfterMs = 0): WorkerScript => ({
  aliveEveryMs: 1000,
  hangsAfterMs,
  goesAfterMs,
});
export const speaks = hangsAfter(Number.POSITIVE_INFINITY);
export const readyAfter = (readyAfterMs: number): WorkerScript => ({ readyAfterMs });
export const cannotSpawn = (fails: string): SpawnScript => ({ fails });

export const passes = (endsAfterMs = 0): CheckScript => ({ endsAfterMs });
export const refuses = (refusal: string, endsAfterMs = 0): CheckScript => ({ endsAfterMs, refusal });
export const cannotCheck = (fails: string): CheckScript => ({ fails });

export const signalAt = (atMs: number, signal: Signal): Happening => ({ atMs, signal });
export const hup = (atMs: number) => signalAt(atMs, 'SIGHUP');
export const term = (atMs: number) => signalAt(atMs, 'SIGTERM');
export const dies = (atMs: number, generation: number, status = 9): Happening => ({
  atMs,
  dies: generation,
  status,
});

/** One of a pool, whose workers have the pids 101, 102 … in the order of their spawns. */
export const diesByPid = (atMs: number, pid: number, status = 9): Happening => ({
  atMs,
  dies: { pid },
  status,
});
export const scaleAt = (atMs: number, scale: Scaling, number = 1): Happening => ({ atMs, scale, number });

export const request = (atMs: number, number: number): Happening => ({ atMs, request: number });
export const cancel = (atMs: number, number: number): Happening => ({ atMs, cancel: number });
export const forsaken = (atMs: number): Happening => ({ atMs, forsaken: true });
export const saysReady = (atMs: number, ready: Which): Happening => ({ atMs, ready });
