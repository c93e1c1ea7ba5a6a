// One row of the superdaemon's table. A row exists from the worker's spawn until its death has been reported.

export interface Worker {
  readonly generation: number;
  readonly pid: number;
  phase: Phase;
}

/**
 * starting → current → old → draining; death ends any of them.
 * - starting: being tried; counts as started at `settlesAt`, if it lives.
 * - current: the newest started worker.
 * - old: a newer one has started since.
 * - draining: signalled, finishing its last requests; told to stop before it had `started`, it never counts.
 */
export type Phase =
  | { readonly name: 'starting'; readonly settlesAt: number }
  | { readonly name: 'current' }
  | { readonly name: 'old' }
  | { readonly name: 'draining'; readonly started: boolean };

export function isStarted({ phase }: Worker): boolean {
  return phase.name === 'draining' ? phase.started : phase.name !== 'starting';
}

/** The phase of a worker that has been told to go. */
export function draining(worker: Worker): Phase {
  return { name: 'draining', started: isStarted(worker) };
}

export function isOld({ phase }: Worker): boolean {
  return phase.name === 'old' || phase.name === 'draining';
}
