// What a storm's witnesses share: the workers as the world knows them, and the first thing that must never happen.

import type { LiveGeneration, Policy, Signal } from '../../src/superdaemon/host.ts';
import { EVERYDAY } from './scenario.ts';
import type { Sent } from './storm-resend.ts';
import { rowOf } from './storm-trees.ts';

const NEVER = Number.POSITIVE_INFINITY;

export interface Attempt {
  readonly nth: number;
  readonly checked: boolean;
}

export interface Row extends LiveGeneration {
  readonly spawnedAt: number;
  readonly attempt: Attempt;
  /** As the superdaemon counts them. */
  readonly spawn: number;
  /** Its message of readiness was heard while it was being tried. */
  ready: boolean;
  started: boolean;
  signalled: boolean;
  /** By SIGKILL. */
  killed: boolean;
  toldToStop: boolean;
  /** Old: when it is to be signalled, Infinity while nothing newer lives. */
  retireAt: number;
  /** Signalled: when it is to be killed. */
  killAt: number;
  sent?: Sent;
  /** See storm-trees.ts. */
  outlived?: true;
  owed?: Signal;
}

export class Table {
  /** The last generation of the superdaemon before. */
  inherited = 0;
  violation: string | undefined;
  policy: Policy = EVERYDAY;
  /** All that were spawned and whose death has not been reported. */
  rows: readonly Row[] = [];
  /** The newest that has started, until it dies. */
  serving: Row | undefined;
  everStarted = false;
  stopping: Signal | undefined;
  /** No worker has ever started, and none may be tried any more. */
  hopeless = false;

  add(born: LiveGeneration & Pick<Row, 'spawn'>, attempt: Attempt, spawnedAt: number): void {
    const fresh = { ready: false, started: false, signalled: false, killed: false, toldToStop: false };
    this.rows = [...this.rows, { ...born, attempt, spawnedAt, ...fresh, retireAt: NEVER, killAt: NEVER }];
  }

  survive(born: LiveGeneration): void {
    this.add({ ...born, spawn: 0 }, { nth: 0, checked: false }, 0);
    for (const row of this.rows) row.started = true;
  }

  remove(row: Row): void {
    this.replace(row);
  }

  replace(row: Row, ...by: readonly Row[]): void {
    this.rows = this.rows.flatMap((each) => (each === row ? by : each));
    if (row === this.serving) this.serving = undefined;
  }

  find(pid: number): Row | undefined {
    return rowOf(this.rows, { pid, isTree: false });
  }

  starting(): Row | undefined {
    return this.rows.find((row) => !row.started && !row.signalled);
  }

  check(holds: boolean, violation: string): void {
    if (!holds) this.violation ??= violation;
  }
}
