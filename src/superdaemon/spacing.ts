// When the next worker may be tried in a slot.

import type { Policy } from './host.ts';

/** However short the interval, workers that die are not replaced more often than this. */
const RETRY_MS = 100;
/** How the interval grows from one failure to the next, where it is to grow. */
const GROWTH = 1.5;

export interface Slot {
  lastAttemptAt: number;
  /** The last attempt that made up for a worker that died. */
  lastRetryAt: number;
  /** The next one makes up for a worker that died. */
  isRetry: boolean;
  /** Attempts that failed since one last succeeded, or since somebody last asked for one. */
  failures: number;
  /** Of the last failure. */
  reason: string;
}

export function freshSlot(): Slot {
  const never = Number.NEGATIVE_INFINITY;
  return { lastAttemptAt: never, lastRetryAt: never, isRetry: false, failures: 0, reason: '' };
}

/**
 * No attempt comes sooner than the interval after the last one. The first worker that dies is made up for at once, the
 * next ones no faster than RETRY_MS.
 */
export function attemptAt({ lastAttemptAt, lastRetryAt, isRetry, failures }: Slot, policy: Policy): number {
  const at = lastAttemptAt + spacingMs(policy, failures);
  return isRetry ? Math.max(at, lastRetryAt + RETRY_MS) : at;
}

function spacingMs({ intervalMs, backoffMs }: Policy, failures: number): number {
  if (failures === 0) return intervalMs;
  const grown = Math.max(intervalMs, RETRY_MS) * GROWTH ** failures;
  return Math.max(intervalMs, Math.min(grown, backoffMs));
}

/** The spacing counts from when an attempt was made: a process that was stopped makes it late. */
export function noteAttempt(slot: Slot, now: number): void {
  slot.lastAttemptAt = now;
  if (slot.isRetry) slot.lastRetryAt = now;
  slot.isRetry = false;
}

export function noteFailure(slot: Slot, reason: string): void {
  slot.failures += 1;
  slot.reason = reason;
  slot.isRetry = true;
}

/** The places go on under another pace: what was tried there a moment ago is not tried again at once. */
export function carryOn(slots: readonly Slot[], before: readonly Slot[]): void {
  for (const [place, slot] of slots.entries()) {
    slot.lastAttemptAt = Math.max(slot.lastAttemptAt, before[place]?.lastAttemptAt ?? slot.lastAttemptAt);
    slot.lastRetryAt = Math.max(slot.lastRetryAt, before[place]?.lastRetryAt ?? slot.lastRetryAt);
  }
}

/** Whoever asks has mended something: what failed before counts no more. */
export function forgive(slots: readonly Slot[]): void {
  for (const slot of slots) slot.failures = 0;
}

/** Nor is anything to be made up for. */
export function forget(slots: readonly Slot[]): void {
  forgive(slots);
  for (const slot of slots) slot.isRetry = false;
}
