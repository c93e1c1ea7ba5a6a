// The workers of a pool as the world knows them.

import type { LiveGeneration } from '../../src/superdaemon/host.ts';

export interface Row {
  readonly generation: number;
  readonly worker: number;
  readonly pid: number;
  readonly isOurs: boolean;
  started: boolean;
  signalled: boolean;
  readonly attempt: number;
  /** When it last said that it lives. */
  heardAt?: number;
  hung?: boolean;
}

export class PoolTable {
  /** All that were spawned and whose death has not been reported. */
  rows: readonly Row[] = [];
  /** The slots that count. */
  wanted = 0;

  isWhole(generation: number): boolean {
    const theirs = this.serving().filter((row) => row.generation === generation && row.worker < this.wanted);
    return theirs.length === this.wanted;
  }

  /** Slots of a generation in which nobody has started. */
  missing(generation: number): number[] {
    const taken = new Set(
      this.serving().flatMap((row) => (row.generation === generation ? [row.worker] : [])),
    );
    return Array.from({ length: this.wanted }, (_, worker) => worker).filter((worker) => !taken.has(worker));
  }

  living(): readonly Row[] {
    return this.rows.filter(({ signalled }) => !signalled);
  }

  serving(): readonly Row[] {
    return this.living().filter(({ started }) => started);
  }

  starting(): readonly Row[] {
    return this.living().filter(({ started }) => !started);
  }

  started(): string {
    return text(this.rows.filter(({ started }) => started));
  }
}

export function text(generations: readonly LiveGeneration[]): string {
  return generations
    .map(({ generation, worker = 0, pid }) => ({ generation, worker, pid }))
    .sort((a, b) => a.generation - b.generation || a.worker - b.worker || a.pid - b.pid)
    .map(({ generation, pid }) => `${generation}:${pid}`)
    .join(' ');
}
