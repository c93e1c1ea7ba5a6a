// The witness of a pool's deploys: how each ends, what is left of it, and that whoever asked hears of it.

import type { LogEvent } from '../../src/superdaemon/log-event.ts';
import type { PoolTable } from './storm-pool-table.ts';

type Deployed = Extract<LogEvent, { event: 'deployed' }>;

export class PoolDeploys {
  readonly #table: PoolTable;
  /** Deploys that somebody waits for. */
  #requests: number[] = [];
  /** One worker alone has a socket that was bound anew, and no deploy has begun since. */
  #isAlone = false;

  constructor(table: PoolTable) {
    this.#table = table;
  }

  logged(entry: LogEvent, now: number): void {
    switch (entry.event) {
      case 'hup':
      case 'auto-restart':
        return this.#begins();
      case 'given-up':
        return this.#givenUp(entry);
      case 'check-refused':
        this.#table.over.add(entry.generation);
        return this.#ends(entry.deploy);
      case 'start-given-up':
        this.#table.ended = true;
        return this.#check(this.#table.current === 0, 'gives the first start up, which succeeded');
      case 'deployed':
        return this.#deployed(entry, now);
      case 'scaled':
        return this.#scaled(entry.to, now);
      case 'request-accepted':
        this.#requests.push(entry.deploy);
    }
  }

  /** Before its worker is in the table. */
  rebound(generation: number): void {
    const others = this.#table.living().filter((row) => row.generation === generation);
    if (others.length > 0 && generation === this.#table.current && !this.#table.begun) this.#isAlone = true;
  }

  /** Where nobody else serves, what has started of the one before does. */
  #begins(): void {
    const { over } = this.#table;
    const serving = this.#table.serving().filter((row) => row.isOurs && !over.has(row.generation));
    if (serving.every(({ generation }) => generation !== this.#table.current)) {
      const newest = Math.max(this.#table.current, ...serving.map(({ generation }) => generation));
      this.#table.current = newest;
    }
    this.#fails();
    this.#isAlone = false;
    this.#table.begun = true;
  }

  #givenUp({ deploy, keeps }: Extract<LogEvent, { event: 'given-up' }>): void {
    this.#fails();
    const kept = this.#table.serving().filter(({ generation }) => generation === keeps);
    this.#check(kept.length > 0, `gives up although nobody of ${keeps} serves`);
    this.#ends(deploy);
  }

  /** Whatever is newer than what serves. */
  #fails(): void {
    const { rows, current, over } = this.#table;
    for (const { generation } of rows) if (generation > current) over.add(generation);
  }

  #deployed({ deploy, generation, oldPids }: Deployed, now: number): void {
    this.#check(this.#table.isWhole(generation), `deployed ${generation}, which is not whole`);
    const old = this.#table.serving().filter((row) => row.generation < generation);
    const left = old.filter(({ pid }) => !oldPids.includes(pid)).map(({ pid }) => pid);
    this.#check(left.length === 0, `forgets ${left.join()}, which are old`);
    this.#table.becomesWhole(generation, now);
    if (deploy !== undefined) this.#ends(deploy);
  }

  #scaled(to: number, now: number): void {
    const { current } = this.#table;
    this.#check(to >= 1, `scales to ${to}`);
    this.#table.wanted = to;
    if (this.#table.isWhole(current)) this.#table.becomesWhole(current, now);
  }

  #ends(deploy: number | undefined): void {
    this.#table.begun = false;
    this.#requests = this.#requests.filter((each) => deploy === undefined || each > deploy);
  }

  /** Nothing disturbs it any more. */
  calm(): void {
    const areAnswered = this.#table.begun || this.#requests.length === 0;
    this.#check(!this.#isAlone, 'leaves workers without the socket that one has');
    this.#check(areAnswered, `leaves ${this.#requests.join()} without an answer`);
  }

  #check(holds: boolean, violation: string): void {
    this.#table.check(holds, violation);
  }
}
