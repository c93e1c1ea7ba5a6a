// What the parts of a pool's witness share: the workers as the world knows them, how far they have come, and the first
// thing that must never happen.

import type { Event, LiveGeneration, Policy, Signal } from '../../src/superdaemon/host.ts';
import { EVERYDAY } from './scenario.ts';
import type { Sent } from './storm-resend.ts';
import { outlived, rowOf } from './storm-trees.ts';

export interface Row {
  readonly generation: number;
  readonly worker: number;
  readonly pid: number;
  readonly isOurs: boolean;
  started: boolean;
  signalled: boolean;
  /** By SIGKILL. */
  killed: boolean;
  readonly attempt: number;
  /** When it last said that it lives. */
  heardAt?: number;
  hung?: boolean;
  sent?: Sent;
  startedAt?: number;
  /** Since when another one is to take its place. */
  recycledAt?: number;
  /** See storm-trees.ts. */
  outlived?: true;
  owed?: Signal;
}

export class PoolTable {
  violation: string | undefined;
  policy: Policy = EVERYDAY;
  /** All that were spawned and whose death has not been reported. */
  rows: readonly Row[] = [];
  /** The slots that count. */
  wanted = 0;
  /** The generation that has started last in all slots, or what was left of one when nobody else served. */
  current = 0;
  /** A deploy is under way. */
  begun = false;
  stopping = false;
  /** The first start was given up. */
  ended = false;
  /** Deploys that were superseded, given up or refused. */
  readonly over = new Set<number>();
  /** Since when a generation has been whole; the death of one that is current now begins them anew. */
  readonly wholeSince = new Map<number, number>();

  isWhole(generation: number): boolean {
    return this.missing(generation).length === 0;
  }

  becomesWhole(generation: number, now: number): void {
    if (this.over.has(generation) && generation !== this.current) return;
    if (!this.wholeSince.has(generation)) this.wholeSince.set(generation, now);
    this.current = Math.max(this.current, generation);
  }

  take(event: Event): void {
    if (event.kind !== 'death' && event.kind !== 'tree-ended') return;
    const row = rowOf(this.rows, { pid: event.pid, isTree: event.kind === 'tree-ended' });
    const stays = row !== undefined && event.kind === 'death' && event.left !== undefined;
    this.rows = this.rows.flatMap((each) => (each !== row ? each : stays ? outlived(each, this.policy) : []));
    const isLoss = row?.started && !row.signalled && row.generation === this.current;
    // While one is being recycled, two may have started in its slot.
    if (isLoss && !this.hasTwin(row)) this.wholeSince.clear();
  }

  find(pid: number): Row | undefined {
    return rowOf(this.rows, { pid, isTree: false });
  }

  /** Slots of a generation in which nobody has started. */
  missing(generation: number): number[] {
    const rows = this.serving().filter((row) => row.generation === generation);
    const taken = new Set(rows.map(({ worker }) => worker));
    return Array.from({ length: this.wanted }, (_, worker) => worker).filter((worker) => !taken.has(worker));
  }

  /** Another one serves in its slot. */
  hasTwin(row: Row): boolean {
    const { generation, worker } = row;
    return this.serving().some(
      (each) => each !== row && each.generation === generation && each.worker === worker,
    );
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

  check(holds: boolean, violation: string): void {
    if (!holds) this.violation ??= violation;
  }
}

export function text(generations: readonly LiveGeneration[]): string {
  return generations
    .map(({ generation, worker = 0, pid }) => ({ generation, worker, pid }))
    .sort((a, b) => a.generation - b.generation || a.worker - b.worker || a.pid - b.pid)
    .map(({ generation, pid }) => `${generation}:${pid}`)
    .join(' ');
}
