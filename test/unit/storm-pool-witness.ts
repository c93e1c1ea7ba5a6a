// Watches a pool from the world's side only: what is spawned, signalled, published and logged. A generation is a deploy
// here, for all of a pool's workers bear its number.

import type { Attempt, Event, LiveGeneration, Policy, Signal, Spawned } from '../../src/superdaemon/host.ts';
import type { LogEvent } from '../../src/superdaemon/log-event.ts';
import type { Outcome } from '../../src/superdaemon/state.ts';
import type { Call, Observer } from './scenario.ts';
import { ConfigurationWitness } from './storm-configurations.ts';
import { PoolAttempts } from './storm-pool-attempts.ts';
import { PoolCanary } from './storm-pool-canary.ts';
import { PoolDeploys } from './storm-pool-deploys.ts';
import { Recycling } from './storm-pool-recycling.ts';
import { PoolSignals } from './storm-pool-signals.ts';
import { PoolTable, text } from './storm-pool-table.ts';
import { PoolWatchdog } from './storm-pool-watchdog.ts';

export class PoolWitness implements Observer {
  readonly #table = new PoolTable();
  readonly #attempts = new PoolAttempts(this.#table);
  readonly #canary = new PoolCanary(this.#table);
  readonly #signals = new PoolSignals(this.#table, this.#canary);
  readonly #deploys = new PoolDeploys(this.#table);
  readonly #watchdog = new PoolWatchdog(this.#table);
  readonly #recycling = new Recycling(this.#table);
  /** When all was last as it is to be. */
  #settledAt = Number.NEGATIVE_INFINITY;
  #waitedAt = 0;
  readonly #configurations = new ConfigurationWitness((...of) => this.#check(...of));
  #published = '';
  #faults = 0;
  readonly #calmAt: number;

  constructor(calmAt: number) {
    this.#calmAt = calmAt;
  }

  get violation(): string | undefined {
    return this.#table.violation;
  }

  fault(call: Call): void {
    this.#faults++;
    if (call === 'signal' || call === 'signalTree') this.#signals.lost();
  }

  survived(workers: readonly LiveGeneration[], last: number): void {
    this.#attempts.survived(workers, last);
  }

  policy(policy: Policy): void {
    this.#table.policy = policy;
    if (this.#table.wanted === 0) this.#table.wanted = policy.workers ?? 1;
  }

  event(event: Event, now: number): void {
    this.#watchdog.event(event, now);
    this.#recycling.event(event);
    if (event.kind === 'checked' && event.refusal === undefined) this.#attempts.passed(event.generation);
    if (event.kind === 'signal' && ['SIGTERM', 'SIGINT', 'SIGQUIT'].includes(event.signal)) this.#stop(now);
    if (event.kind === 'death') this.#configurations.died(event.pid);
    this.#table.take(event);
    this.#canary.event(event);
  }

  /** After the last fault all workers must have served once. */
  #stop(now: number): void {
    const { stopping, ended } = this.#table;
    this.#table.stopping = true;
    if (now <= this.#calmAt || stopping || ended) return;
    const isSettled = this.#settledAt >= Math.min(this.#calmAt, this.#waitedAt);
    this.#check(isSettled, `not settled since ${this.#settledAt} ms`);
    this.#deploys.calm();
    if (!this.#table.begun) this.#recycling.calm(now);
  }

  checking(generation: number): void {
    this.#attempts.checking(generation);
  }

  checkFailed(): void {}

  checkCancelled(): void {}

  trying(): void {
    this.#check(this.#table.starting().length === 0, 'tries another program while a worker is being tried');
  }

  proofCancelled(): void {}

  reconfigured(since: number): void {
    this.#configurations.reconfigured(since);
  }

  outdated(ordinal: number): void {
    this.#configurations.outdated(ordinal);
  }

  givesWay(): void {
    this.#check(this.#table.starting().length === 0, 'gives way while a worker is being tried');
    this.#published = 'nothing yet';
  }

  spawning(attempt: Attempt, now: number): void {
    this.#canary.spawning(attempt.generation, now);
    this.#attempts.spawning(attempt, now);
  }

  spawned(attempt: Attempt, spawned: Spawned, now: number): void {
    if (spawned.kind === 'spawned' && spawned.rebound) this.#deploys.rebound(attempt.generation);
    this.#configurations.spawned(attempt, spawned);
    this.#attempts.spawned(attempt, spawned.kind === 'spawned' ? spawned.pid : undefined, now);
  }

  signalled(pid: number, signal: Signal, now: number): void {
    this.#signals.signalled({ pid, isTree: false }, signal, now);
    // One that hangs serves no more.
    this.#canary.waive();
  }

  treeSignalled(pid: number, signal: Signal, now: number): void {
    this.#signals.signalled({ pid, isTree: true }, signal, now);
  }

  published(generations: readonly LiveGeneration[], now: number): void {
    for (const row of this.#table.rows) {
      if (row.started || !generations.some(({ pid }) => pid === row.pid)) continue;
      row.started = true;
      if (this.#canary.started(row, now)) continue;
      if (this.#table.isWhole(row.generation)) this.#table.becomesWhole(row.generation, now);
    }
    this.#published = text(generations);
    const started = this.#table.started();
    this.#check(this.#published === started, `publishes ${this.#published} where ${started} live`);
  }

  logged(entry: LogEvent, now: number): void {
    if (entry.event === 'deployed' || entry.event.startsWith('canary')) this.#canary.logged(entry, now);
    this.#deploys.logged(entry, now);
    if (entry.event === 'hup' || entry.event === 'auto-restart') this.#canary.logged(entry, now);
    this.#watchdog.logged(entry, now);
    this.#recycling.logged(entry, this.#table.begun, now);
    if (entry.event === 'internal-error') this.#check(this.#faults > 0, entry.stack);
    if (entry.event !== 'all-started') return;
    const { generation, workers } = entry;
    const areThere = this.#table.isWhole(generation) && workers === this.#table.wanted;
    this.#check(areThere, `all of ${generation} have not started`);
    this.#settledAt = now;
  }

  waiting(deadline: number, now: number): void {
    const { stopping, ended, begun, current, wanted } = this.#table;
    this.#waitedAt = now;
    this.#check(this.#published === this.#table.started(), `the status file says ${this.#published}`);
    if (stopping || ended) return this.#signals.leaving(deadline, now);
    this.#signals.waiting(deadline, now);
    this.#watchdog.waiting(deadline, now);
    const serving = this.#table.serving().filter(({ generation }) => generation === current);
    const isQuiet = this.#table.starting().length === 0 && !begun;
    if (isQuiet && serving.length >= wanted && this.#table.isWhole(current)) this.#settledAt = now;
  }

  ended(how: Outcome['kind']): void {
    const rows = this.#table.rows.filter(({ isOurs }) => isOurs || how === 'stopped');
    this.#check(rows.length === 0, `leaves ${rows.map(({ pid }) => pid).join()} behind`);
    if (how === 'never-started') this.#check(this.#table.current === 0, 'ends although it had started');
    else this.#check(this.#table.stopping, 'ends without having been told to');
  }

  doesNotEnd(): void {
    this.#check(false, 'does not end');
  }

  #check(holds: boolean, violation: string): void {
    this.#table.check(holds, violation);
  }
}
