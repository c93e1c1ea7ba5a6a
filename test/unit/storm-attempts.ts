// The witness of attempts: when they may be made and when they must, what is checked before, and when a deploy is over.

import type { Event, Attempt as Spawning } from '../../src/superdaemon/host.ts';
import type { LogEvent } from '../../src/superdaemon/log-event.ts';
import type { Call } from './scenario.ts';
import { Pace } from './storm-pace.ts';
import type { Attempt, Table } from './storm-table.ts';

const NEVER = Number.POSITIVE_INFINITY;

export type Due = (atMs: number, what: string) => void;

export class AttemptWitness {
  attempt: Attempt = { nth: 0, checked: false };
  readonly #table: Table;
  #generation = 0;
  readonly #pace: Pace;
  /** A deploy was asked for, in the log, since the last attempt. */
  #askedFor = false;
  /** A deploy is under way; since when. */
  #wantedAt = NEVER;
  /** HUP or a request came, and the log has not answered. */
  #hupWaits = false;
  /** A worker had to stand in, unchecked, while a deploy was wanted. */
  #makeUp = false;
  /** Since when nobody serves. */
  #bareAt = NEVER;
  #checking: number | undefined;
  #passed: number | undefined;
  #refused: number | undefined;

  constructor(table: Table) {
    this.#table = table;
    this.#pace = new Pace(table);
  }

  inherit(generation: number): void {
    this.#generation = generation;
  }

  fault(call: Call): void {
    if (call === 'check') this.refuse(this.#generation);
    if (call === 'spawn') this.failed();
  }

  event(event: Event): void {
    if (event.kind === 'request' || (event.kind === 'signal' && event.signal === 'SIGHUP')) {
      this.#hupWaits = true;
    }
    if (event.kind !== 'checked' || event.generation !== this.#checking) return;
    if (event.refusal !== undefined) return this.refuse(event.generation);
    this.#checking = undefined;
    this.#passed = event.generation;
  }

  /** The current worker is no more. */
  bare(now: number): void {
    this.#pace.failures = 0;
    this.#bareAt = Math.min(this.#bareAt, now);
  }

  failed(): void {
    this.#pace.failures++;
  }

  checking(generation: number, now: number): void {
    const { policy, serving, everStarted } = this.#table;
    this.#table.check(policy.hasCheck, 'checks although it was not asked to');
    this.#table.check(serving !== undefined || !everStarted, 'checks while nobody serves');
    this.#attempted(generation, { now, checked: true });
    this.#checking = generation;
  }

  cancelled(): void {
    const { serving, stopping } = this.#table;
    this.#table.check(this.#checking !== undefined, 'cancels a check that does not run');
    this.#table.check(serving === undefined || stopping !== undefined, 'cancels a check for no reason');
    this.#makeUp ||= stopping === undefined;
    this.#checking = undefined;
  }

  refuse(generation: number): void {
    this.#checking = undefined;
    if (this.#table.serving !== undefined) this.#refused = generation;
    else this.#table.hopeless = true;
  }

  spawning({ generation }: Spawning, now: number): void {
    const { policy, serving, everStarted } = this.#table;
    if (this.#passed === generation) this.#passed = undefined;
    else {
      const standsIn = serving === undefined && everStarted;
      this.#table.check(!policy.hasCheck || standsIn, `spawns ${generation} unchecked`);
      if (policy.hasCheck && this.#wantedAt < NEVER) this.#makeUp = true;
      this.#attempted(generation, { now, checked: false });
    }
    this.#pace.lastAttemptAt = now;
  }

  spawned({ generation, attempt: spawn }: Spawning, pid: number | undefined, now: number): void {
    this.#pace.lastAttemptAt = now;
    if (pid !== undefined) return this.#table.add({ generation, pid, spawn }, this.attempt, now);
    this.failed();
    if (this.#isFirst(generation)) this.#table.hopeless = true;
  }

  #attempted(generation: number, { now, checked }: { now: number; checked: boolean }): void {
    const { stopping, hopeless, serving } = this.#table;
    const check = (holds: boolean, violation: string) => this.#table.check(holds, violation);
    const first = this.#isFirst(generation);
    check(stopping === undefined, 'tries a worker although it was told to stop');
    check(!hopeless, 'tries a worker although the first start is over');
    check(generation === this.#generation + 1, `generation ${generation} follows ${this.#generation}`);
    check(this.#table.starting() === undefined, 'tries two workers at once');
    check(serving === undefined || this.#wantedAt < NEVER, 'tries a worker although nobody asked for one');
    if (!first) this.#pace.checkAttempt(now);
    if (!this.#askedFor && !first) this.#pace.checkRetry(now);
    this.#askedFor = false;
    this.#makeUp &&= !checked;
    this.#generation = generation;
    this.#pace.lastAttemptAt = now;
    this.attempt = { nth: this.attempt.nth + 1, checked };
  }

  #isFirst(generation: number): boolean {
    return generation === this.#table.inherited + 1;
  }

  tookOver(): void {
    this.#pace.failures = 0;
    this.#wantedAt = NEVER;
    this.#bareAt = NEVER;
  }

  logged(entry: LogEvent, now: number): void {
    if (entry.event === 'hup') {
      this.#table.check(this.#hupWaits || this.#makeUp, 'deploys although nobody asked');
      this.#hupWaits = false;
    }
    if (entry.event === 'hup' || entry.event === 'auto-restart') this.#begun(now);
    if (entry.event === 'check-refused') {
      this.#table.check(entry.generation === this.#refused, `${entry.generation} was not refused`);
      this.#refused = undefined;
      this.#over(entry.keeps);
    }
    if (entry.event !== 'given-up') return;
    const { failures } = this.#pace;
    this.#table.check(entry.attempts === failures, `gives up after ${entry.attempts} of ${failures}`);
    this.#table.check(failures === this.#table.policy.maxStartAttempts, `gives up after ${failures}`);
    this.#over(entry.keeps);
  }

  #begun(now: number): void {
    this.#askedFor = true;
    this.#wantedAt = now;
    this.#pace.failures = 0;
  }

  #over(keeps: number): void {
    this.#table.check(keeps === this.#table.serving?.generation, `${keeps} does not serve`);
    this.#pace.failures = 0;
    this.#wantedAt = NEVER;
  }

  /** Whether the first start was over with its last failure. */
  settleFirstStart(): void {
    const { policy, everStarted } = this.#table;
    if (!everStarted && this.#failedOut(policy.maxStartAttempts)) this.#table.hopeless = true;
  }

  #failedOut(max: number): boolean {
    return max > 0 && this.#pace.failures >= max;
  }

  /** `isTrying`: another program is; what has failed waits for the outcome. */
  waiting(due: Due, isTrying: boolean): void {
    const { serving, everStarted, policy } = this.#table;
    const check = (holds: boolean, violation: string) => this.#table.check(holds, violation);
    check(this.#refused === undefined, 'says nothing of a refusal');
    check(this.#passed === undefined, 'spawns nothing although the check passed');
    check(serving === undefined || !this.#failedOut(policy.maxStartAttempts), 'does not give up');
    if (this.#checking !== undefined) return check(serving !== undefined || !everStarted, 'checks, bare');
    if (this.#table.starting() === undefined) this.#idle(due, isTrying && this.#pace.failures > 0);
  }

  #idle(due: Due, isHeld: boolean): void {
    const { serving, everStarted, policy } = this.#table;
    const check = (holds: boolean, violation: string) => this.#table.check(holds, violation);
    const standsIn = policy.hasCheck && everStarted && serving === undefined;
    const wanted = this.#wantedAt < NEVER;
    check(standsIn || !this.#hupWaits, 'does not take up HUP');
    check(serving === undefined || !this.#makeUp || wanted, 'does not make up for a deploy');
    if (isHeld) return;
    due(this.#pace.attemptBy(this.#bareAt), 'nobody serves, a replacement is due');
    due(this.#pace.attemptBy(this.#wantedAt), 'a deploy is under way, an attempt is due');
    if (!everStarted) due(this.#pace.attemptBy(0), 'nobody has served yet, an attempt is due');
    const { autoRestartIntervalMs = NEVER } = policy;
    due(this.#pace.attemptBy(this.#pace.lastAttemptAt + 2 * autoRestartIntervalMs), 'auto restart is due');
  }

  /** Something is yet to come of what was asked for. */
  isUnderWay(): boolean {
    const { serving } = this.#table;
    return serving === undefined || this.#busy() || this.#wantedAt < NEVER;
  }

  #busy(): boolean {
    return this.#checking !== undefined || this.#table.starting() !== undefined;
  }

  stopping(): void {
    this.#table.check(this.#checking === undefined, 'does not cancel the check');
  }
}
