// What becomes of a slot in which an attempt has failed.

import { isPool } from './configuration.ts';
import { paceOf } from './openings.ts';
import { recycleFailed } from './recycle-failed.ts';
import { attemptAt, noteFailure, type Slot } from './spacing.ts';
import type { State } from './state.ts';
import type { Worker } from './worker.ts';

export type Tried = Pick<Worker, 'ordinal' | 'slot' | 'generation'> & { readonly attempt?: number };

/** Nobody gives up a slot of the pool that serves, so that somebody has to be told. */
export function attemptFailed(state: State, tried: Tried, reason: string): void {
  if (recycleFailed(state, tried, reason)) return;
  const pace = paceOf(state, tried);
  if (pace === undefined) return;
  noteFailure(pace, reason);
  tellRetry(state, pace);
  const { policy, candidate, host } = state;
  const { failures: attempts } = pace;
  if (!isPool(state, tried) || candidate !== undefined || attempts !== policy.maxStartAttempts) return;
  const { generation, slot: worker } = tried;
  host.log({ event: 'worker-keeps-failing', generation, worker, attempts, reason });
}

/** For whoever asks when the next attempt comes. */
export function tellRetry({ host, policy }: State, pace: Slot): void {
  host.log({ event: 'retry-scheduled', inMs: Math.max(0, attemptAt(pace, policy) - host.now()) });
}
