// One row of the superdaemon's table. A row exists from the worker's spawn until its death has been reported, or
// the end of all that it has started.

import type { LiveGeneration, Signal } from './host.ts';
import { NOT_RECYCLED, type Recycling } from './recycling.ts';

export interface Worker {
  /** Of its deploy: what it belongs to. Nobody decides anything by its generation, which is a label. */
  readonly ordinal: number;
  /** Its place among the workers of that deploy, from 0. */
  readonly slot: number;
  readonly generation: number;
  /** Counts all spawns, so that no other worker is ever taken for this one. */
  readonly attempt: number;
  readonly pid: number;
  phase: Phase;
  /** When it last said that it lives, or when it has started, if that was later; undefined: it never did. */
  heardAt: number | undefined;
  /** undefined: it has not, or nobody can tell. */
  startedAt: number | undefined;
  recycling: Recycling;
  /** Its own process has ended, and what it has started lives on in its place; undefined: it lives itself. */
  outlived: Outlived | undefined;
}

/** Of one that nobody has heard of yet. */
export const UNHEARD = {
  ...{ heardAt: undefined, startedAt: undefined, outlived: undefined },
  recycling: NOT_RECYCLED,
} as const;

/** It outlived a superdaemon that was killed. */
export function survivor({ worker: slot = 0, generation, pid }: LiveGeneration): Worker {
  return { ordinal: 0, slot, generation, attempt: 0, pid, phase: { name: 'started' }, ...UNHEARD };
}

/** Of a worker's own process. */
export interface Death {
  readonly kind: 'death';
  readonly pid: number;
  /** undefined where nobody can tell: it was another superdaemon's child. */
  readonly status: number | undefined;
  /** With --kill-tree: what it has started and lives on; `tree-ended` follows once that has gone. */
  readonly left?: readonly number[] | undefined;
}

export interface Outlived {
  readonly status: number | undefined;
  /** Its death has been reported at once, for nobody had told it to go. */
  readonly isReported: boolean;
}

/**
 * starting → started → draining; death ends any of them. Whether one is current or old follows from its ordinal.
 * - starting: being tried. Alive at `until` it has started, or, where it has to say so itself, is late.
 * - draining: signalled, finishing its last requests, or outlived by what it has started; told to go before it had `started`, it never counts. At `killAt`
 *   it has had its time.
 */
export type Phase =
  | { readonly name: 'starting'; readonly until: number; readonly outcome: 'started' | 'late' }
  | { readonly name: 'started' }
  | {
      readonly name: 'draining';
      readonly started: boolean;
      /** It was told because it was not ready in time. */
      readonly late: boolean;
      readonly killAt: number;
      /** What told it last. */
      readonly signal: Signal;
      /** It has been told by SIGKILL. */
      readonly killed: boolean;
      /** It may not have got what it was told. */
      readonly resend: Resend | undefined;
    };

export type Draining = Extract<Phase, { name: 'draining' }>;
export type Told = Pick<Draining, 'signal' | 'killAt'>;

export interface Resend {
  readonly signal: Signal;
  readonly at: number;
  /** Since it was sent last. */
  readonly waitMs: number;
}

export function isStarting({ phase }: Worker): boolean {
  return phase.name === 'starting';
}

/** It serves, and was not told to go. */
export function isStarted({ phase }: Worker): boolean {
  return phase.name === 'started';
}

/** Told to go or not. */
export function hasStarted({ phase }: Worker): boolean {
  return phase.name === 'draining' ? phase.started : phase.name === 'started';
}

export function isDraining({ phase }: Worker): boolean {
  return phase.name === 'draining';
}

/** The phase of a worker that has been told to go; an earlier time limit stands, and so does KILL. */
export function draining(worker: Worker, { signal, killAt }: Told): Draining {
  const {
    killed = false,
    late = false,
    resend = undefined,
  } = worker.phase.name === 'draining' ? worker.phase : {};
  return {
    name: 'draining',
    started: hasStarted(worker),
    late,
    // Whoever was killed is killed again until it has gone, by `resend`.
    killAt: killed ? Number.POSITIVE_INFINITY : Math.min(killAt, killAtOf(worker)),
    signal: killed ? 'SIGKILL' : signal,
    killed,
    resend,
  };
}

/** Infinity for a worker that nobody is going to kill. */
export function killAtOf({ phase }: Worker): number {
  return phase.name === 'draining' ? phase.killAt : Number.POSITIVE_INFINITY;
}
