// What the witnesses know of signals that are sent again: one that the world has lost, and KILL while its worker lives.

import type { Signal } from '../../src/superdaemon/host.ts';

const SOONEST_MS = 1000;
const LATEST_MS = 60_000;

/** Of a worker that was told to go. */
export interface Sent {
  signal: Signal;
  at: number;
  lost: boolean;
}

export class Resends<Row extends { sent?: Sent }> {
  #last: Row | undefined;

  /** Returns whether it says once more what may not have been heard. */
  sends(row: Row, signal: Signal, now: number): boolean {
    const { sent } = row;
    const isAgain = sent?.signal === signal && isOwed(sent) && now - sent.at >= SOONEST_MS;
    // Nothing is more than KILL, which stays as it was.
    if (sent?.signal === 'SIGKILL' && signal !== 'SIGKILL') this.#last = undefined;
    else {
      row.sent = { signal, at: now, lost: false };
      this.#last = row;
    }
    return isAgain;
  }

  /** The last one has. */
  lost(): void {
    if (this.#last?.sent !== undefined) this.#last.sent.lost = true;
  }
}

/** When it has to be sent again; Infinity where it was heard. */
export function resendBy({ sent }: { sent?: Sent }): number {
  return sent !== undefined && isOwed(sent) ? sent.at + LATEST_MS : Number.POSITIVE_INFINITY;
}

function isOwed({ signal, lost }: Sent): boolean {
  return lost || signal === 'SIGKILL';
}
