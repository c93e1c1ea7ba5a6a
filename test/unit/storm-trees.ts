// What the witnesses know of workers that have ended before what they had started: with its tree alive a worker is still
// going, and the tree is told as it was told itself, or as it would have been.

import type { Policy, Signal } from '../../src/superdaemon/host.ts';
import type { Sent } from './storm-resend.ts';

interface Row {
  readonly pid: number;
  started: boolean;
  signalled: boolean;
  sent?: Sent;
  outlived?: true;
  owed?: Signal;
}

/** As it is once its own process has ended. */
export function outlived<Each extends Row>(row: Each, { signalOnHup, signalOnTerm }: Policy): Each {
  const owed = row.signalled ? row.sent?.signal : row.started ? signalOnHup : signalOnTerm;
  return { ...row, outlived: true, signalled: true, owed };
}

export interface Named {
  readonly pid: number;
  readonly isTree: boolean;
}

export function rowOf<Each extends Row>(rows: readonly Each[], { pid, isTree }: Named): Each | undefined {
  return rows.find((row) => row.pid === pid && (row.outlived ?? false) === isTree);
}

/** Returns whether it is what the tree was to be told first; whatever else it is told is as good. */
export function isOwed(row: Row, signal: Signal): boolean {
  const isFirst = row.owed === signal;
  delete row.owed;
  return isFirst;
}

export function owes(rows: readonly Row[]): string | undefined {
  const row = rows.find(({ owed }) => owed !== undefined);
  return row && `what ${row.pid} has left is to be told ${row.owed}`;
}
