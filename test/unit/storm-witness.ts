// Watches a superdaemon from the world's side only - what it spawns, signals, publishes, logs and waits for - and
// notes the first thing that must never happen. Its table is built from these calls; it knows no state of the loop.

import type { Attempt, Event, LiveGeneration, Policy, Signal, Spawned } from '../../src/superdaemon/host.ts';
import type { LogEvent } from '../../src/superdaemon/log-event.ts';
import type { Outcome } from '../../src/superdaemon/state.ts';
import type { Call, Observer } from './scenario.ts';
import { AttemptWitness, type Due } from './storm-attempts.ts';
import { ConfigurationWitness } from './storm-configurations.ts';
import { RequestWitness } from './storm-requests.ts';
import { SignalWitness } from './storm-signals.ts';
import { type Row, Table } from './storm-table.ts';
import { rowOf } from './storm-trees.ts';

const NEVER = Number.POSITIVE_INFINITY;

export class StormWitness implements Observer {
  readonly #table = new Table();
  readonly #attempts = new AttemptWitness(this.#table);
  readonly #requests = new RequestWitness(this.#table);
  readonly #signals = new SignalWitness(this.#table, () => this.#attempts.failed());
  readonly #configurations = new ConfigurationWitness((...of) => this.#check(...of));
  #faults = 0;
  #published = '';
  #exiting = false;
  #upgrade: 'none' | 'wanted' | 'trying' | 'tried' = 'none';
  #trial = 0;
  /** A deploy has begun since the program was tried. */
  #isTrialOld = false;

  get violation(): string | undefined {
    return this.#table.violation;
  }

  /** A call is about to throw. */
  fault(call: Call): void {
    this.#faults++;
    this.#attempts.fault(call);
    if (call === 'signal' || call === 'signalTree') this.#signals.lost();
  }

  survived(workers: readonly LiveGeneration[], last: number): void {
    this.#table.inherited = last;
    for (const each of workers) this.#table.survive(each);
    this.#attempts.inherit(last);
  }

  policy(policy: Policy): void {
    this.#table.policy = policy;
  }

  event(event: Event, now: number): void {
    if (event.kind === 'death') this.#death(event, now);
    if (event.kind === 'tree-ended') this.#treeEnded(event.pid);
    if (this.#table.stopping !== undefined) return;
    if (event.kind === 'signal') this.#toldToStop(event.signal);
    if (this.#table.hopeless) return;
    this.#attempts.event(event);
    if (event.kind === 'request') this.#requests.heard(event.request);
    if (event.kind === 'ready') this.#ready(event.attempt);
    if (event.kind === 'tried' && this.#upgrade === 'trying' && event.trial === this.#trial) {
      this.#upgrade = event.refusal === undefined ? 'tried' : 'none';
    }
    if (event.kind === 'signal') this.#signal(event.signal);
  }

  #signal(signal: Signal): void {
    if (signal === 'SIGUSR2' && this.#upgrade === 'none') this.#upgrade = 'wanted';
  }

  #toldToStop(signal: Signal): void {
    if (signal === 'SIGTERM') this.#table.stopping = this.#table.policy.signalOnTerm;
    if (signal === 'SIGINT' || signal === 'SIGQUIT') this.#table.stopping = 'SIGTERM';
  }

  #ready(attempt: number): void {
    const starting = this.#table.starting();
    if (starting?.spawn === attempt) starting.ready = true;
  }

  #treeEnded(pid: number): void {
    const row = rowOf(this.#table.rows, { pid, isTree: true });
    if (row !== undefined) this.#table.remove(row);
  }

  #death({ pid, left }: Extract<Event, { kind: 'death' }>, now: number): void {
    this.#configurations.died(pid);
    const row = this.#table.find(pid);
    if (row === undefined) return;
    if (row === this.#table.starting()) this.#attempts.failed();
    if (row === this.#table.serving) {
      for (const each of this.#table.rows) each.retireAt = NEVER;
      this.#attempts.bare(now);
    }
    if (left === undefined) this.#table.remove(row);
    else this.#signals.outlived(row, now);
  }

  checking(generation: number, now: number): void {
    this.#attempts.checking(generation, now);
  }

  checkFailed(): void {
    this.#attempts.fault('check');
  }

  checkCancelled(): void {
    this.#attempts.cancelled();
  }

  proofCancelled(): void {
    const isTried = this.#upgrade === 'trying' || this.#upgrade === 'tried';
    this.#check(isTried, 'cancels a proof that nobody asked for');
    this.#upgrade = 'wanted';
    this.#isTrialOld = false;
  }

  reconfigured(since: number): void {
    this.#configurations.reconfigured(since);
  }

  outdated(ordinal: number): void {
    this.#configurations.outdated(ordinal);
  }

  trying(trial: number): void {
    this.#check(this.#table.starting() === undefined, 'tries another program while a worker is being tried');
    this.#check(this.#upgrade === 'wanted', 'tries another program although nobody asked for it');
    this.#upgrade = 'trying';
    this.#trial = trial;
  }

  givesWay(): void {
    this.#check(this.#table.starting() === undefined, 'gives way while a worker is being tried');
    this.#check(this.#table.stopping === undefined, 'gives way although it was told to stop');
    this.#check(this.#upgrade === 'tried', 'gives way to a program that has proved nothing');
    this.#check(!this.#isTrialOld, 'gives way to a program that was tried before a deploy began');
    this.#upgrade = 'none';
    // The next program makes itself known first of all.
    this.#published = 'nothing yet';
  }

  spawning(attempt: Attempt, now: number): void {
    this.#attempts.spawning(attempt, now);
  }

  spawned(attempt: Attempt, spawned: Spawned, now: number): void {
    this.#configurations.spawned(attempt, spawned);
    this.#attempts.spawned(attempt, spawned.kind === 'spawned' ? spawned.pid : undefined, now);
  }

  signalled(pid: number, signal: Signal, now: number): void {
    this.#signals.signalled({ pid, isTree: false }, signal, now);
  }

  treeSignalled(pid: number, signal: Signal, now: number): void {
    this.#signals.signalled({ pid, isTree: true }, signal, now);
  }

  published(generations: readonly LiveGeneration[], now: number): void {
    const newest = this.#table.starting();
    if (newest !== undefined && generations.some(({ pid }) => pid === newest.pid)) {
      this.#takesOver(newest, now);
    }
    this.#published = text(generations);
    const started = this.#started();
    this.#check(this.#published === started, `publishes ${this.#published} where ${started} live`);
  }

  #takesOver(row: Row, now: number): void {
    const { policy } = this.#table;
    const proved = policy.readyTimeoutMs === undefined ? now - row.spawnedAt >= policy.intervalMs : row.ready;
    this.#check(proved, `${row.pid} counts as started too early`);
    row.started = true;
    this.#table.serving = row;
    this.#table.everStarted = true;
    this.#attempts.tookOver();
    for (const each of this.#table.rows) {
      if (each.started && each !== row) each.retireAt = Math.min(each.retireAt, now + policy.killOldDelayMs);
    }
  }

  logged(entry: LogEvent, now: number): void {
    this.#attempts.logged(entry, now);
    this.#requests.logged(entry, this.#attempts.attempt);
    const { rows, serving } = this.#table;
    if (entry.event === 'upgrade-refused') this.#upgrade = 'none';
    if (entry.event === 'reconfigure-requested' && this.#upgrade === 'none') this.#upgrade = 'wanted';
    if (entry.event === 'exiting') this.#exiting = true;
    if (entry.event === 'hup' || entry.event === 'auto-restart')
      this.#isTrialOld = this.#upgrade === 'trying' || this.#upgrade === 'tried';
    if (entry.event === 'internal-error') this.#check(this.#faults > 0, entry.stack);
    if (entry.event === 'stopping') this.#names('stops', entry.pids, rows);
    if (entry.event !== 'deployed') return;
    const others = rows.filter((row) => row !== serving);
    this.#names('leaves', entry.leaving, others);
    this.#names(
      'retires',
      entry.oldPids,
      others.filter(({ signalled }) => !signalled),
    );
  }

  #names(what: string, pids: readonly number[], rows: readonly Row[]): void {
    const expected = rows.map(({ pid }) => pid).join();
    this.#check(pids.join() === expected, `${what} ${pids.join()} instead of ${expected}`);
  }

  waiting(deadline: number, now: number): void {
    const due: Due = (at, what) => {
      if (deadline > Math.max(at, now)) this.#check(false, `${what} at ${at} ms, waits until ${deadline}`);
    };
    const started = this.#started();
    this.#check(this.#published === started, `the status file says ${this.#published} where ${started} live`);
    this.#signals.waiting(due);
    this.#attempts.settleFirstStart();
    if (this.#table.stopping !== undefined) return this.#checkStopping();
    if (this.#table.hopeless) return this.#checkHopeless();
    this.#attempts.waiting(due, this.#upgrade === 'trying');
    this.#requests.waiting(this.#attempts.isUnderWay());
    this.#settles(due);
    this.#check(!this.#isTrialOld, 'goes on with a trial from before a deploy');
    const idle = this.#upgrade === 'none' || this.#upgrade === 'trying' || this.#attempts.isUnderWay();
    this.#check(idle || !this.#table.everStarted, `does nothing, although an upgrade is ${this.#upgrade}`);
    this.#signals.retiring(due);
  }

  #settles(due: Due): void {
    const { intervalMs, readyTimeoutMs } = this.#table.policy;
    const starting = this.#table.starting();
    if (starting === undefined) return;
    const { pid, spawnedAt, ready } = starting;
    if (readyTimeoutMs === undefined) return due(spawnedAt + intervalMs, `${pid} counts as started`);
    this.#check(!ready, `${pid} is ready, and yet does not take over`);
    due(spawnedAt + readyTimeoutMs, `${pid} is late`);
  }

  #checkStopping(): void {
    this.#attempts.stopping();
    this.#check(this.#table.rows.length > 0, 'waits although all have gone');
    for (const { pid, toldToStop } of this.#table.rows)
      this.#check(toldToStop, `${pid} was not told to stop`);
  }

  #checkHopeless(): void {
    const ours = this.#ours();
    this.#check(ours.length > 0, 'waits although no worker will ever start');
    for (const { pid, signalled } of ours) this.#check(signalled, `${pid} was not told to go`);
  }

  /** The loop has returned. */
  ended(how: Outcome['kind']): void {
    this.#attempts.settleFirstStart();
    const { hopeless, stopping } = this.#table;
    const rows = how === 'stopped' ? this.#table.rows : this.#ours();
    this.#check(rows.length === 0, `leaves ${rows.map(({ pid }) => pid).join()} behind`);
    if (how === 'never-started') return this.#check(hopeless, 'ends although it might have started');
    this.#check(stopping !== undefined, 'ends without having been told to');
    this.#check(this.#exiting, 'ends without callbacks so');
  }

  doesNotEnd(): void {
    this.#check(false, 'does not end');
  }

  /** Without those that survived the superdaemon before. */
  #ours(): readonly Row[] {
    return this.#table.rows.filter(({ generation }) => generation > this.#table.inherited);
  }

  #started(): string {
    return text(this.#table.rows.filter((row) => row.started));
  }

  #check(holds: boolean, violation: string): void {
    this.#table.check(holds, violation);
  }
}

function text(generations: readonly LiveGeneration[]): string {
  return generations.map(({ generation, pid }) => `${generation}:${pid}`).join(' ');
}
