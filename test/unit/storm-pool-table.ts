// The workers of a pool as the world knows them.

import type { LiveGeneration } from '../../src/superdaemon/host.ts';

export interface Row {
  readonly generation: number;
  readonly worker: number;
  readonly pid: number;
  readonly isOurs: boolean;
  started: boolean;
  signalled: boolean;
  /** By SIGKILL. */
  killed: boolean;
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

  living(): readonly Row[] {
    return this.rows.filter(({ signalled }) => !signalled);
  }

  serving(): readonly Row[] {
    return this.living().filter(({ started }) => started);
  }

  /** The oldest of those of each slot that are on their way out, where they are more than that. */
  tooManyOld(most: number): readonly Row[] {
    const isGoing = ({ started, signalled, killed }: Row) => started && signalled && !killed;
    const going = this.rows.filter(isGoing).toReversed();
    const newer = (row: Row) =>
      going.slice(0, going.indexOf(row)).filter(({ worker }) => worker === row.worker);
    return going.filter((row) => newer(row).length >= most);
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
