// How close together attempts may come, and how late they may be.

import type { Table } from './storm-table.ts';

/** Failing workers are not replaced more often than this, however short the interval. */
const RETRY_MS = 100;

export class Pace {
  lastAttemptAt = 0;
  /** Since a worker last started, or since a deploy was last begun. */
  failures = 0;
  readonly #table: Table;
  #lastRetryAt = Number.NEGATIVE_INFINITY;

  constructor(table: Table) {
    this.#table = table;
  }

  checkAttempt(now: number): void {
    const spacing = now - this.lastAttemptAt;
    this.#table.check(spacing >= this.#spacingMs(), `attempts again after ${spacing} ms`);
  }

  checkRetry(now: number): void {
    const spacing = now - this.#lastRetryAt;
    this.#table.check(spacing >= RETRY_MS, `retries after ${spacing} ms`);
    this.#lastRetryAt = now;
  }

  /** When the attempt that has been wanted since then must have been made. */
  attemptBy(wantedAt: number): number {
    return Math.max(wantedAt, this.lastAttemptAt) + Math.max(this.#spacingMs(), RETRY_MS);
  }

  #spacingMs(): number {
    const { intervalMs, backoffMs } = this.#table.policy;
    if (backoffMs === 0 || this.failures === 0) return intervalMs;
    const grown = Math.max(intervalMs, RETRY_MS) * 1.5 ** this.failures;
    return Math.max(intervalMs, Math.min(grown, backoffMs));
  }
}
