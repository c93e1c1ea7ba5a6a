// One row of the superdaemon's table. A row exists from the worker's spawn until its death has been reported.

export interface Worker {
  readonly generation: number;
  readonly pid: number;
  phase: Phase;
}

/**
 * starting → current → old → draining; death ends any of them.
 * - starting: being tried. Alive at `until` it has started, or, where it has to say so itself, is late.
 * - current: the newest started worker.
 * - old: a newer one has started since.
 * - draining: signalled, finishing its last requests; told to go before it had `started`, it never counts. At `killAt`
 *   it has had its time.
 */
export type Phase =
  | { readonly name: 'starting'; readonly until: number; readonly outcome: 'started' | 'late' }
  | { readonly name: 'current' }
  | { readonly name: 'old' }
  | { readonly name: 'draining'; readonly started: boolean; readonly killAt: number };

export function isStarted({ phase }: Worker): boolean {
  return phase.name === 'draining' ? phase.started : phase.name !== 'starting';
}

/** The phase of a worker that has been told to go; an earlier time limit stands. */
export function draining(worker: Worker, killAt: number): Phase {
  return { name: 'draining', started: isStarted(worker), killAt: Math.min(killAt, killAtOf(worker)) };
}

/** Infinity for a worker that nobody is going to kill. */
export function killAtOf({ phase }: Worker): number {
  return phase.name === 'draining' ? phase.killAt : Number.POSITIVE_INFINITY;
}

export function isOld({ phase }: Worker): boolean {
  return phase.name === 'old' || phase.name === 'draining';
}
