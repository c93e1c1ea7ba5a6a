// Watches a pool through its control socket, event by event: what must never happen, whatever is done to it.

import { expect } from 'vitest';
import { type Connection, connectControl } from '../../src/control/connection.ts';
import type { LogEvent } from '../../src/superdaemon/log-event.ts';
import { identityOf, superdaemonStatus } from './control.ts';
import { eventually } from './eventually.ts';

export interface PoolObserver extends Disposable {
  /** What should not have happened, and how many events there were. */
  readonly seen: () => { readonly violations: readonly string[]; readonly events: number };
}

export interface PoolSize {
  readonly workers: number;
  readonly startAtOnce: number;
}

interface Row {
  readonly generation: number;
  readonly worker: number;
  readonly pid: number;
  phase: 'starting' | 'started' | 'leaving';
  /** Its deploy has succeeded without it: it may be told to go. */
  isOld: boolean;
}

/** Begins once all of the pool have started, and nothing happens yet. */
export async function observePool(pid: number, pidFile: string, size: PoolSize): Promise<PoolObserver> {
  const { workers } = await eventually(async () => {
    const hello = await superdaemonStatus(pidFile);
    expect(hello.workers.map(({ phase }) => phase)).toEqual(Array(size.workers).fill('current'));
    return hello;
  });
  const connection = await connectControl({ pid, pidFileIdentity: identityOf(pidFile) }, 'watch');
  if (connection === undefined) throw new Error(`${pid} does not answer`);
  const table = new PoolTable(
    size,
    workers.map((each) => ({ ...each, worker: each.worker ?? -1, phase: 'started', isOld: false })),
  );
  void readAll(connection, table);
  return { seen: () => table.seen(), [Symbol.dispose]: () => connection[Symbol.dispose]() };
}

async function readAll({ events }: Connection, table: PoolTable): Promise<void> {
  for (let next = await events.next(); !next.done; next = await events.next()) table.take(next.value);
}

class PoolTable {
  readonly #violations: string[] = [];
  readonly #startAtOnce: number;
  #events = 0;
  #rows: readonly Row[];
  #wanted: number;
  /** The generation that has started last in all slots, or serves while nobody else does. */
  #current: number;

  constructor({ workers, startAtOnce }: PoolSize, rows: readonly Row[]) {
    this.#rows = rows;
    this.#startAtOnce = startAtOnce;
    this.#wanted = workers;
    this.#current = rows[0]?.generation ?? 0;
  }

  seen() {
    return { violations: this.#violations, events: this.#events };
  }

  take(event: LogEvent): void {
    this.#events += 1;
    switch (event.event) {
      case 'worker-starting':
        return this.#starting({ ...event, worker: event.worker ?? -1, phase: 'starting', isOld: false });
      case 'worker-started':
        return this.#move(event.pid, 'started');
      case 'worker-signalled':
        return this.#signalled(event.pid);
      case 'worker-failed-to-start':
      case 'worker-died':
        this.#rows = this.#rows.filter(({ pid }) => pid !== event.pid);
        return;
      case 'deployed':
        return this.#deployed(event.generation, event.oldPids);
      case 'scaled':
        this.#wanted = event.to;
        return;
      case 'hup':
        // What is left of a candidate serves on where nobody else does.
        if (this.#serving(this.#current) === 0) this.#current = this.#newestStarted();
    }
  }

  #starting(row: Row): void {
    const { generation, worker } = row;
    const others = this.#rows.filter(({ phase }) => phase === 'starting').length;
    this.#check(others < this.#startAtOnce, `${others + 1} are starting at once`);
    const isTaken = this.#rows.some(
      (each) => each.generation === generation && each.worker === worker && each.phase !== 'leaving',
    );
    this.#check(!isTaken, `${generation}/${worker} has a worker`);
    this.#check(worker >= 0 && worker < this.#wanted, `slot ${worker} of ${this.#wanted}`);
    this.#rows = [...this.#rows, row];
  }

  #signalled(pid: number): void {
    const row = this.#rows.find((each) => each.pid === pid);
    if (row === undefined) return this.#check(false, `${pid} is signalled, whom nobody knows`);
    const { generation, worker, isOld } = row;
    const mayGo = isOld || worker >= this.#wanted || generation > this.#current || row.phase === 'starting';
    this.#check(mayGo, `${generation}/${worker} is told to go although nobody has taken its place`);
    const others = this.#rows.filter((each) => each !== row && each.phase === 'started').length;
    this.#check(row.phase !== 'started' || others > 0, `${generation}/${worker} is told to go, the last one`);
    row.phase = 'leaving';
  }

  #deployed(generation: number, oldPids: readonly number[]): void {
    const serving = this.#serving(generation);
    this.#check(serving >= this.#wanted, `deployed ${generation} with ${serving} of ${this.#wanted}`);
    this.#current = generation;
    for (const row of this.#rows) row.isOld ||= oldPids.includes(row.pid);
  }

  #move(pid: number, phase: Row['phase']): void {
    for (const row of this.#rows) if (row.pid === pid) row.phase = phase;
  }

  #serving(generation: number): number {
    return this.#rows.filter((row) => row.generation === generation && row.phase === 'started').length;
  }

  #newestStarted(): number {
    const started = this.#rows.filter(({ phase }) => phase === 'started');
    return Math.max(this.#current, ...started.map(({ generation }) => generation));
  }

  #check(holds: boolean, violation: string): void {
    if (!holds) this.#violations.push(violation);
  }
}
