// The witness of a pool's watchdog: who may be called hung, one at a time, and who must be.

import type { Event } from '../../src/superdaemon/host.ts';
import type { LogEvent } from '../../src/superdaemon/log-event.ts';
import type { PoolTable } from './storm-pool-table.ts';

const NEVER = Number.POSITIVE_INFINITY;

export class PoolWatchdog {
  readonly #table: PoolTable;
  /** Slots of the current generation in which an attempt has failed since one last started. */
  readonly #failed = new Set<number>();
  /** When the next event is due. */
  #due = NEVER;

  constructor(table: PoolTable) {
    this.#table = table;
  }

  event(event: Event, now: number): void {
    const { rows, policy } = this.#table;
    // It stood still: nobody can tell then who was silent.
    const isLate = now - this.#due >= Math.min(1000, policy.watchdogMs ?? NEVER);
    for (const row of rows) {
      if (isLate && row.heardAt !== undefined) row.heardAt = now;
      if (event.kind === 'alive' && row.attempt === event.attempt) row.heardAt = now;
    }
  }

  logged(entry: LogEvent, now: number): void {
    switch (entry.event) {
      case 'worker-failed-to-start':
      case 'spawn-failed':
      case 'worker-late':
        if (entry.generation === this.#table.current) this.#failed.add(entry.worker ?? 0);
        return;
      case 'worker-started':
        if (entry.generation === this.#table.current) this.#failed.delete(entry.worker ?? 0);
        return this.#started(entry.pid, now);
      case 'worker-hung':
        return this.#hung(entry.pid, now);
    }
  }

  #started(pid: number, now: number): void {
    const row = this.#table.find(pid);
    if (row?.heardAt !== undefined) row.heardAt = now;
  }

  #hung(pid: number, now: number): void {
    const { current, policy } = this.#table;
    const row = this.#table.find(pid);
    const isSilent = now - (row?.heardAt ?? NEVER) >= (policy.watchdogMs ?? NEVER);
    this.#table.check(isSilent && row?.started === true && !row.signalled, `calls ${pid} hung`);
    if (row === undefined) return;
    row.hung = true;
    if (row.generation !== current || this.#table.hasTwin(row)) return;
    const [missing] = this.#table.missing(current).filter((slot) => !this.#failed.has(slot));
    this.#table.check(
      missing === undefined,
      `replaces ${pid}, which is hung, while slot ${missing} is empty`,
    );
    this.#table.wholeSince.clear();
  }

  /** While nobody is being replaced, one that is silent has its time, and no more. */
  waiting(deadline: number, now: number): void {
    const { current, begun, policy } = this.#table;
    this.#due = Math.max(deadline, now);
    if (begun || this.#table.missing(current).length > 0) return;
    for (const { pid, heardAt = NEVER } of this.#table.serving()) {
      const due = Math.max(heardAt + (policy.watchdogMs ?? NEVER), now);
      this.#table.check(deadline <= due, `${pid} is silent, its signal is due at ${due}`);
    }
  }
}
