// The witness of recycling: one slot at a time, never during a deploy, asked for is done, and what begins ends. That nobody goes
// before his successor serves the witness of signals sees to.

import type { Event } from '../../src/superdaemon/host.ts';
import type { LogEvent } from '../../src/superdaemon/log-event.ts';
import type { PoolTable, Row } from './storm-pool-table.ts';

/** By then the successor has started where the world is fair, and the kill-old delay is over. */
const LONGEST_MS = 60_000;

export class Recycling {
  readonly #table: PoolTable;
  /** The pids of those that asked for it, and of those that could not be replaced. */
  readonly #asking = new Set<number>();
  readonly #failed = new Set<number>();

  constructor(table: PoolTable) {
    this.#table = table;
  }

  event(event: Event): void {
    if (event.kind === 'death') for (const pids of [this.#asking, this.#failed]) pids.delete(event.pid);
    if (event.kind !== 'replace') return;
    const row = this.#table.rows.find(({ attempt }) => attempt === event.attempt);
    if (row !== undefined) this.#asking.add(row.pid);
  }

  /** `begun`: a deploy is under way. */
  logged(entry: LogEvent, begun: boolean, now: number): void {
    switch (entry.event) {
      case 'recycling':
        return this.#begins(entry.pid, begun, now);
      case 'recycle-failed':
        return this.#stays(entry.pid);
      case 'deployed':
      case 'slot-rolled':
        return this.#renewed(entry.generation, entry.event === 'deployed' ? undefined : entry.worker);
      case 'worker-started': {
        const row = this.#table.find(entry.pid);
        if (row !== undefined) row.startedAt = now;
      }
    }
  }

  #begins(pid: number, begun: boolean, now: number): void {
    const row = this.#table.find(pid);
    const check = (holds: boolean, violation: string) => this.#table.check(holds, violation);
    check(row?.started === true && !row.signalled, `recycles ${pid}, which does not serve`);
    check(!begun, `recycles ${pid} during a deploy`);
    const other = this.#table.rows.find(({ recycledAt }) => recycledAt !== undefined);
    check(other === undefined, `recycles ${pid} beside ${other?.pid}`);
    check(this.#isServed(), `recycles ${pid} while others are missing`);
    if (row !== undefined) row.recycledAt = now;
  }

  #isServed(): boolean {
    const served = new Set(this.#table.serving().map(({ worker }) => worker));
    return Array.from({ length: this.#table.wanted }, (_, worker) => worker).every((each) =>
      served.has(each),
    );
  }

  #stays(pid: number): void {
    const row = this.#table.find(pid);
    this.#failed.add(pid);
    this.#table.check(row?.recycledAt !== undefined && !row.signalled, `${pid} was not being recycled`);
    if (row !== undefined) delete row.recycledAt;
  }

  /** It belongs to the old ones. */
  #renewed(generation: number, worker: number | undefined): void {
    for (const row of this.#table.rows)
      if (row.generation < generation && (worker === undefined || worker === row.worker))
        delete row.recycledAt;
  }

  /** The world has been fair for a long while, and no deploy is under way. */
  calm(now: number): void {
    const { rows, policy } = this.#table;
    const isStuck = ({ recycledAt = now, signalled }: Row) => !signalled && now - recycledAt > LONGEST_MS;
    const stuck = rows.find(isStuck);
    this.#table.check(stuck === undefined, `does not end to recycle ${stuck?.pid}`);
    if (rows.some(({ signalled }) => signalled) || policy.autoRestartIntervalMs !== undefined) return;
    const isWaiting = ({ pid, startedAt = now, recycledAt }: Row) =>
      recycledAt === undefined &&
      now - startedAt > LONGEST_MS &&
      this.#asking.has(pid) &&
      !this.#failed.has(pid);
    const waiting = this.#table.serving().find(isWaiting);
    this.#table.check(waiting === undefined, `does not recycle ${waiting?.pid}, which has asked for it`);
  }
}
