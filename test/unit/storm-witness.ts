// Watches a superdaemon from the world's side only - what it spawns, signals, publishes, logs and waits for - and
// notes the first thing that must never happen. Its table is built from these calls; it knows no state of the loop.

import type { Event, LiveGeneration, Policy, Signal } from '../../src/superdaemon/host.ts';
import type { LogEvent } from '../../src/superdaemon/log-event.ts';
import { type Call, EVERYDAY, type Observer } from './scenario.ts';

/** Failing workers are not replaced more often than this, however short the interval. */
const RETRY_MS = 100;

interface Row extends LiveGeneration {
  readonly spawnedAt: number;
  started: boolean;
  signalled: boolean;
  toldToStop: boolean;
  /** Old: when it is to be signalled, Infinity while nothing newer lives. */
  retireAt: number;
}

export class StormWitness implements Observer {
  violation: string | undefined;
  #policy: Policy = EVERYDAY;
  /** All that were spawned and whose death has not been reported. */
  #rows: Row[] = [];
  #generation = 0;
  #lastAttemptAt = 0;
  /** An attempt was lost to a fault before it reached us. */
  #lostAt = 0;
  #faults = 0;
  #lastRetryAt = Number.NEGATIVE_INFINITY;
  /** A deploy was asked for, in the log, since the last attempt. */
  #askedFor = false;
  /** The first HUP that no attempt has followed yet. */
  #hupAt = Number.POSITIVE_INFINITY;
  /** Since when nobody serves. */
  #bareAt = Number.POSITIVE_INFINITY;
  #everStarted = false;
  #stopping: Signal | undefined;
  #published = '';
  #exiting = false;

  /** A call is about to throw. */
  fault(call: Call, now: number): void {
    this.#faults++;
    if (call === 'policy') this.#lostAt = now;
  }

  policy(policy: Policy): void {
    this.#policy = policy;
  }

  event(event: Event, now: number): void {
    if (event.kind === 'death') this.#death(event.pid, now);
    if (event.kind !== 'signal' || this.#stopping !== undefined) return;
    if (event.signal === 'SIGHUP') this.#hupAt = Math.min(this.#hupAt, now);
    if (event.signal === 'SIGTERM') this.#stopping = this.#policy.signalOnTerm;
    if (event.signal === 'SIGINT' || event.signal === 'SIGQUIT') this.#stopping = 'SIGTERM';
  }

  #death(pid: number, now: number): void {
    const row = this.#rows.find((each) => each.pid === pid);
    if (row === undefined) return;
    const current = this.#current();
    this.#rows = this.#rows.filter((each) => each !== row);
    if (row !== current) return;
    for (const each of this.#rows) each.retireAt = Number.POSITIVE_INFINITY;
    this.#bareAt = Math.min(this.#bareAt, now);
  }

  spawning(generation: number, now: number): void {
    this.#check(this.#stopping === undefined, 'spawns although it was told to stop');
    this.#check(generation === this.#generation + 1, `generation ${generation} follows ${this.#generation}`);
    this.#check(this.#starting() === undefined, 'tries two workers at once');
    const spacing = now - this.#lastAttemptAt;
    const first = generation === 1;
    this.#check(first || spacing >= this.#policy.intervalMs, `attempts again after ${spacing} ms`);
    if (!this.#askedFor && !first) {
      this.#check(now - this.#lastRetryAt >= RETRY_MS, `retries after ${now - this.#lastRetryAt} ms`);
      this.#lastRetryAt = now;
    }
    this.#askedFor = false;
    this.#generation = generation;
    this.#hupAt = Number.POSITIVE_INFINITY;
    this.#lastAttemptAt = now;
  }

  spawned(generation: number, pid: number | undefined, now: number): void {
    this.#lastAttemptAt = now;
    if (pid === undefined) return;
    const retireAt = Number.POSITIVE_INFINITY;
    this.#rows.push({
      generation,
      pid,
      spawnedAt: now,
      started: false,
      signalled: false,
      toldToStop: false,
      retireAt,
    });
  }

  signalled(pid: number, signal: Signal, now: number): void {
    const row = this.#rows.find((each) => each.pid === pid);
    if (row === undefined) return this.#check(false, `signals ${pid}, whose death was reported`);
    if (this.#stopping !== undefined) {
      this.#check(signal === this.#stopping, `stops ${pid} with ${signal}`);
      this.#check(!row.toldToStop, `stops ${pid} twice`);
      row.toldToStop = true;
    } else {
      this.#check(row.started && row !== this.#current(), `signals ${pid}, which has no successor`);
      this.#check(!row.signalled, `signals ${pid} twice`);
      this.#check(signal === this.#policy.signalOnHup, `retires ${pid} with ${signal}`);
      this.#check(now >= row.retireAt, `signals ${pid} before its time, ${row.retireAt}`);
    }
    row.signalled = true;
  }

  published(generations: readonly LiveGeneration[], now: number): void {
    const newest = this.#starting();
    if (newest !== undefined && generations.some(({ pid }) => pid === newest.pid))
      this.#takesOver(newest, now);
    this.#published = text(generations);
    const started = text(this.#rows.filter((row) => row.started));
    this.#check(this.#published === started, `publishes ${this.#published} where ${started} live`);
  }

  #takesOver(row: Row, now: number): void {
    this.#check(now - row.spawnedAt >= this.#policy.intervalMs, `${row.pid} counts as started too early`);
    row.started = true;
    this.#everStarted = true;
    this.#bareAt = Number.POSITIVE_INFINITY;
    for (const each of this.#rows) {
      if (each.started && each !== row)
        each.retireAt = Math.min(each.retireAt, now + this.#policy.killOldDelayMs);
    }
  }

  logged(entry: LogEvent): void {
    if (entry.event === 'hup' || entry.event === 'auto-restart') this.#askedFor = true;
    if (entry.event === 'exiting') this.#exiting = true;
    if (entry.event === 'internal-error') this.#check(this.#faults > 0, entry.stack);
    if (entry.event === 'stopping') {
      const live = this.#rows.map(({ pid }) => pid).join();
      this.#check(entry.pids.join() === live, `stops ${entry.pids.join()} where ${live} live`);
    }
    if (entry.event === 'deployed') {
      const old = this.#rows.filter((row) => !row.signalled && row !== this.#current()).map(({ pid }) => pid);
      this.#check(
        entry.oldPids.join() === old.join(),
        `retires ${entry.oldPids.join()} where ${old.join()} are old`,
      );
    }
  }

  waiting(deadline: number, now: number): void {
    const due = (at: number, what: string) => {
      if (deadline > Math.max(at, now)) this.#check(false, `${what} at ${at} ms, waits until ${deadline}`);
    };
    const started = text(this.#rows.filter((row) => row.started));
    this.#check(this.#published === started, `the status file says ${this.#published} where ${started} live`);
    if (this.#stopping !== undefined) return this.#checkStopping();
    const { intervalMs, autoRestartIntervalMs = Number.POSITIVE_INFINITY } = this.#policy;
    const attemptBy = (at: number) =>
      Math.max(at, this.#lastAttemptAt, this.#lostAt) + Math.max(intervalMs, RETRY_MS);
    const starting = this.#starting();
    if (starting !== undefined) due(starting.spawnedAt + intervalMs, `${starting.pid} counts as started`);
    else {
      due(attemptBy(this.#bareAt), 'nobody serves, a replacement is due');
      if (!this.#everStarted) due(attemptBy(this.#lastAttemptAt), 'nobody has served yet, an attempt is due');
      due(attemptBy(this.#hupAt), 'HUP waits, an attempt is due');
      due(attemptBy(this.#lastAttemptAt + 2 * autoRestartIntervalMs), 'auto restart is due');
    }
    for (const row of this.#rows) {
      if (!row.signalled) due(row.retireAt, `${row.pid} is old, its signal is due`);
    }
  }

  #checkStopping(): void {
    this.#check(this.#rows.length > 0, 'waits although all have gone');
    for (const row of this.#rows) this.#check(row.toldToStop, `${row.pid} was not told to stop`);
  }

  /** The loop has returned. */
  ended(): void {
    this.#check(this.#stopping !== undefined, 'ends without having been told to');
    this.#check(this.#rows.length === 0, `leaves ${this.#rows.map(({ pid }) => pid).join()} behind`);
    this.#check(this.#exiting, 'ends without saying so');
  }

  #starting(): Row | undefined {
    return this.#rows.find((row) => !row.started && !row.signalled);
  }

  /** The newest that has started, unless it has died. */
  #current(): Row | undefined {
    return this.#rows.findLast((row) => row.started);
  }

  #check(holds: boolean, violation: string): void {
    if (!holds) this.violation ??= violation;
  }
}

function text(generations: readonly LiveGeneration[]): string {
  return generations.map(({ generation, pid }) => `${generation}:${pid}`).join(' ');
}
