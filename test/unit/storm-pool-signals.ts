// The witness of a pool's signals: who is told to go, by which signal, and why he may be.

import type { Signal } from '../../src/superdaemon/host.ts';
import type { PoolCanary } from './storm-pool-canary.ts';
import type { PoolTable, Row } from './storm-pool-table.ts';
import { Resends, resendBy } from './storm-resend.ts';
import { isOwed, type Named, owes, rowOf } from './storm-trees.ts';

export class PoolSignals {
  readonly #table: PoolTable;

  readonly #canary: PoolCanary;
  readonly #resends = new Resends<Row>();

  constructor(table: PoolTable, canary: PoolCanary) {
    this.#table = table;
    this.#canary = canary;
  }

  signalled(who: Named, signal: Signal, now: number): void {
    const { stopping, ended } = this.#table;
    const { pid } = who;
    const row = rowOf(this.#table.rows, who);
    if (row === undefined) return this.#check(false, `signals ${pid}, whose death was reported`);
    const isAgain = this.#resends.sends(row, signal, now);
    if (isOwed(row, signal)) return;
    if (signal === 'SIGKILL') return this.#killed(row, isAgain);
    if (isAgain) return;
    this.#check(!row.signalled || stopping, `signals ${pid} twice`);
    if (!stopping && !ended) this.#mayGo(row, signal, now);
    row.signalled = true;
  }

  /** The world has lost the last one. */
  lost(): void {
    this.#resends.lost();
  }

  #killed(row: Row, isAgain: boolean): void {
    this.#check(
      row.signalled && (isAgain || !row.killed),
      `kills ${row.pid}, which was not told to go, or twice`,
    );
    row.killed = true;
  }

  #mayGo(row: Row, signal: Signal, now: number): void {
    const { generation, worker } = row;
    const { signalOnHup, signalOnTerm } = this.#table.policy;
    this.#check(
      signal === (row.started && !row.hung ? signalOnHup : signalOnTerm),
      `sends ${signal} to ${generation}/${worker}`,
    );
    if (!row.started || row.hung) return;
    const others = this.#table.serving().filter((each) => each !== row);
    this.#check(others.length > 0, `takes the last one away, ${generation}/${worker}`);
    const why =
      this.#isSurplus(row) ||
      this.#isRetired(row, now) ||
      this.#isWithdrawn(row) ||
      this.#isRelieved(row, now);
    this.#check(why, `tells ${generation}/${worker} to go although nobody has taken its place`);
  }

  #isSurplus({ worker }: Row): boolean {
    return worker >= this.#table.wanted && this.#table.isWhole(this.#table.current);
  }

  /** Its successors have all started, and the delay has passed since. */
  #isRetired({ generation }: Row, now: number): boolean {
    const { policy, wholeSince } = this.#table;
    return [...wholeSince].some(
      ([newer, since]) =>
        newer > generation && now - since >= policy.killOldDelayMs && !this.#canary.isOnTrial(newer, now),
    );
  }

  /** Its deploy has failed: the one before serves, in all slots or while another deploy is under way. */
  #isWithdrawn(row: Row): boolean {
    const { generation } = row;
    const { over, current, begun } = this.#table;
    if (!over.has(generation) || generation === current) return false;
    if (this.#canary.isRefused(row)) return true;
    const isServing = this.#table.serving().some((each) => each.generation === current);
    return isServing && (begun || this.#table.isWhole(current));
  }

  /** Its successor has started in its slot, and the delay has passed since: so all slots serve on. */
  #isRelieved(row: Row, now: number): boolean {
    const { policy } = this.#table;
    const isSuccessor = (each: Row) =>
      each.generation === row.generation && each.worker === row.worker && each.attempt > row.attempt;
    return this.#table
      .serving()
      .some((each) => isSuccessor(each) && now - (each.startedAt ?? now) >= policy.killOldDelayMs);
  }

  /** Before it waits until `deadline`. */
  waiting(deadline: number, now: number): void {
    const { current, wholeSince, policy } = this.#table;
    this.#resending(deadline, now);
    const [one] = this.#table.tooManyOld(policy.maxOld ?? Number.POSITIVE_INFINITY);
    this.#check(one === undefined || deadline <= now, `${one?.pid} is one too many, SIGKILL is due`);
    const since = wholeSince.get(current);
    if (since === undefined) return;
    for (const old of this.#table.serving().filter(({ generation }) => generation < current)) {
      const due = Math.max(this.#followedAt(old, since) + policy.killOldDelayMs, now);
      this.#check(deadline <= due, `${old.generation} is old, its signal is due at ${due}`);
    }
  }

  /** Infinity for one whose slot scaling has left without a successor: it serves on until there is one. */
  #followedAt({ worker }: Row, since: number): number {
    const { current, wanted } = this.#table;
    if (worker >= wanted) return since;
    const successors = this.#table
      .serving()
      .filter((each) => each.generation === current && each.worker === worker);
    const startedAt = Math.min(...successors.map((each) => each.startedAt ?? since));
    return Math.max(since, startedAt);
  }

  #resending(deadline: number, now: number): void {
    const owed = owes(this.#table.rows);
    this.#check(owed === undefined || deadline <= now, `${owed}, and it waits until ${deadline}`);
    for (const row of this.#table.rows) {
      const isDue = deadline <= Math.max(resendBy(row), now);
      this.#check(isDue, `${row.pid} may not have got ${row.sent?.signal}, which is due again`);
    }
  }

  /** Once it ends. */
  leaving(deadline: number, now: number): void {
    const { rows, stopping } = this.#table;
    this.#resending(deadline, now);
    for (const { pid, signalled } of rows.filter(({ isOurs }) => isOurs || stopping)) {
      this.#check(signalled, `${pid} was not told to go`);
    }
  }

  #check(holds: boolean, violation: string): void {
    this.#table.check(holds, violation);
  }
}
