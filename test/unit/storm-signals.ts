// The witness of signals: who is told to go, when and how, and who is killed because it did not.

import type { Signal } from '../../src/superdaemon/host.ts';
import type { Due } from './storm-attempts.ts';
import { Resends, resendBy } from './storm-resend.ts';
import type { Row, Table } from './storm-table.ts';
import { isOwed, type Named, outlived, owes, rowOf } from './storm-trees.ts';

const NEVER = Number.POSITIVE_INFINITY;
/** What a late worker has to go, where no kill-old timeout says otherwise. */
const LATE_GRACE_MS = 10_000;

export class SignalWitness {
  readonly #table: Table;
  readonly #whenLate: () => void;
  readonly #resends = new Resends<Row>();

  constructor(table: Table, whenLate: () => void) {
    this.#table = table;
    this.#whenLate = whenLate;
  }

  signalled(who: Named, signal: Signal, now: number): void {
    const row = rowOf(this.#table.rows, who);
    if (row === undefined) return this.#check(false, `signals ${who.pid}, whose death was reported`);
    const isAgain = this.#resends.sends(row, signal, now);
    if (isOwed(row, signal) && (this.#table.stopping === undefined || row.toldToStop)) return;
    if (signal === 'SIGKILL') return this.#killed(row, isAgain, now);
    if (isAgain && (this.#table.stopping === undefined || row.toldToStop)) return;
    if (this.#table.stopping !== undefined) this.#toldToStop(row, signal, now);
    else if (row.started) this.#retired(row, signal, now);
    else this.#late(row, signal, now);
    row.signalled = true;
  }

  /** The world has lost the last one. */
  lost(): void {
    this.#resends.lost();
  }

  #killed(row: Row, isAgain: boolean, now: number): void {
    const isDue = isAgain || now >= row.killAt || this.#tooManyOld().includes(row);
    this.#check(row.signalled && isDue, `kills ${row.pid} at ${now} instead of ${row.killAt}`);
    row.killAt = NEVER;
    row.killed = true;
  }

  #toldToStop(row: Row, signal: Signal, now: number): void {
    const { stopTimeoutMs } = this.#table.policy;
    this.#check(signal === this.#table.stopping, `stops ${row.pid} with ${signal}`);
    this.#check(!row.toldToStop, `stops ${row.pid} twice`);
    row.toldToStop = true;
    if (stopTimeoutMs > 0 && !row.killed) row.killAt = Math.min(row.killAt, now + stopTimeoutMs);
  }

  #retired(row: Row, signal: Signal, now: number): void {
    const { signalOnHup, killOldTimeoutMs } = this.#table.policy;
    this.#check(row !== this.#table.serving, `signals ${row.pid}, which has no successor`);
    this.#check(!row.signalled, `signals ${row.pid} twice`);
    this.#check(signal === signalOnHup, `retires ${row.pid} with ${signal}`);
    this.#check(now >= row.retireAt, `signals ${row.pid} before its time, ${row.retireAt}`);
    if (killOldTimeoutMs > 0) row.killAt = now + killOldTimeoutMs;
  }

  #late(row: Row, signal: Signal, now: number): void {
    const { signalOnTerm, killOldTimeoutMs, readyTimeoutMs = NEVER } = this.#table.policy;
    this.#check(!row.signalled, `signals ${row.pid} twice`);
    this.#check(signal === signalOnTerm, `sends ${signal} to ${row.pid}, which is late`);
    this.#check(now >= row.spawnedAt + readyTimeoutMs, `calls ${row.pid} late before its time`);
    row.killAt = now + (killOldTimeoutMs || LATE_GRACE_MS);
    this.#whenLate();
  }

  /** Its own process has ended: it is going, or goes now. */
  outlived(row: Row, now: number): void {
    const { killOldTimeoutMs } = this.#table.policy;
    const patienceMs = row.started ? killOldTimeoutMs : killOldTimeoutMs || LATE_GRACE_MS;
    const killAt = row.signalled || patienceMs === 0 ? row.killAt : now + patienceMs;
    this.#table.replace(row, { ...outlived(row, this.#table.policy), killAt });
  }

  waiting(due: Due): void {
    const owed = owes(this.#table.rows);
    if (owed !== undefined) due(0, owed);
    for (const row of this.#table.rows) {
      due(row.killAt, `${row.pid} has had its time, SIGKILL is due`);
      due(resendBy(row), `${row.pid} may not have got ${row.sent?.signal}, which is due again`);
    }
  }

  /** The oldest of those that are on their way out, where they are more than there may be. */
  #tooManyOld(): readonly Row[] {
    const { rows, policy } = this.#table;
    const going = rows.filter(({ started, signalled, killed }) => started && signalled && !killed);
    return going.slice(0, Math.max(0, going.length - (policy.maxOld ?? going.length)));
  }

  retiring(due: Due): void {
    for (const { pid } of this.#tooManyOld()) due(0, `${pid} is one too many, SIGKILL is due`);
    for (const row of this.#table.rows) {
      if (!row.signalled) due(row.retireAt, `${row.pid} is old, its signal is due`);
    }
  }

  #check(holds: boolean, violation: string): void {
    this.#table.check(holds, violation);
  }
}
