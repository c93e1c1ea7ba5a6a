// Watches a pool from the world's side only: what is spawned, signalled, published and logged. A generation is a deploy
// here, for all of a pool's workers bear its number.

import type { Attempt, Event, LiveGeneration, Policy, Signal } from '../../src/superdaemon/host.ts';
import type { LogEvent } from '../../src/superdaemon/log-event.ts';
import type { Outcome } from '../../src/superdaemon/state.ts';
import { EVERYDAY, type Observer } from './scenario.ts';
import { PoolTable, type Row, text } from './storm-pool-table.ts';

const NEVER = Number.POSITIVE_INFINITY;

export class PoolWitness implements Observer {
  violation: string | undefined;
  /** When all was last as it is to be. */
  #settledAt = Number.NEGATIVE_INFINITY;
  #waitedAt = 0;
  #policy: Policy = EVERYDAY;
  readonly #table = new PoolTable();
  #label = 0;
  readonly #passed = new Set<number>();
  /** The first worker of a generation that was begun beside others: it decides. */
  #canary: { readonly row: Row; readonly since: number; verdict: 'open' | 'passed' | 'refused' } | undefined;
  /** The pids of canaries whose check has passed. */
  readonly #judged = new Set<number>();
  /** While the deploy was under way nobody of the current generation served. */
  #waived = false;
  /** Deploys that were superseded, given up or refused. */
  readonly #over = new Set<number>();
  /** Since when a generation has been whole; the death of one that is current now begins them anew. */
  readonly #wholeSince = new Map<number, number>();
  readonly #lastSpawnAt = new Map<number, number>();
  /** Where the workers of each generation run. */
  readonly #directories = new Map<number, string | undefined>();
  /** The generation that has started last in all slots, or what was left of one when nobody else served. */
  #current = 0;
  /** A deploy is under way. */
  #begun = false;
  #stopping = false;
  #ended = false;
  #published = '';
  #requests: number[] = [];
  #faults = 0;
  readonly #calmAt: number;

  constructor(calmAt: number) {
    this.#calmAt = calmAt;
  }

  fault(): void {
    this.#faults++;
  }

  survived(workers: readonly LiveGeneration[], last: number): void {
    this.#label = last;
    this.#table.rows = workers.map(({ generation, pid }) => {
      return { generation, worker: 0, pid, isOurs: false, started: true, signalled: false, killed: false };
    });
  }

  policy(policy: Policy): void {
    this.#policy = policy;
    if (this.#table.wanted === 0) this.#table.wanted = policy.workers ?? 1;
  }

  event(event: Event, now: number): void {
    if (event.kind === 'checked' && event.refusal === undefined) this.#passed.add(event.generation);
    if (event.kind === 'judged' && event.refusal === undefined && this.#canary !== undefined)
      this.#judged.add(this.#canary.row.pid);
    if (event.kind === 'signal' && ['SIGTERM', 'SIGINT', 'SIGQUIT'].includes(event.signal)) this.#stop(now);
    if (event.kind !== 'death') return;
    const row = this.#table.rows.find(({ pid }) => pid === event.pid);
    this.#table.rows = this.#table.rows.filter((each) => each !== row);
    if (row?.started && !row.signalled && row.generation === this.#current) this.#wholeSince.clear();
    this.#waive();
  }

  /** Any worker is better than none. */
  #waive(): void {
    this.#waived ||= this.#table.serving().every(({ generation }) => generation !== this.#current);
  }

  /** Whether this generation still has to show what it is worth. */
  #isOnTrial(generation: number, now: number): boolean {
    const { canaryMs, hasCanaryCheck } = this.#policy;
    if (canaryMs === undefined || this.#current === 0) return false;
    if (this.#waived || generation <= this.#current) return false;
    if (this.#canary?.row.generation !== generation) return true;
    if (this.#canary.verdict !== 'open') return this.#canary.verdict === 'refused';
    return hasCanaryCheck || now < this.#canary.since + canaryMs;
  }

  /** After the last fault all workers must have served once. */
  #stop(now: number): void {
    const isCalm = now > this.#calmAt && !this.#stopping && !this.#ended;
    const isSettled = this.#settledAt >= Math.min(this.#calmAt, this.#waitedAt);
    this.#check(!isCalm || isSettled, `not settled since ${this.#settledAt} ms`);
    const areAnswered = this.#begun || this.#requests.length === 0;
    this.#check(!isCalm || areAnswered, `leaves ${this.#requests.join()} without an answer`);
    this.#stopping = true;
  }

  checkFailed(): void {}

  checkCancelled(): void {}

  proofCancelled(): void {}

  checking(generation: number): void {
    this.#check(generation === this.#label + 1, `checks ${generation} after ${this.#label}`);
    this.#label = generation;
    this.#check(
      this.#table.starting().length === 0 || this.#table.serving().length > 0,
      'checks while nobody serves',
    );
  }

  trying(): void {
    this.#check(this.#table.starting().length === 0, 'tries another program while a worker is being tried');
  }

  givesWay(): void {
    this.#check(this.#table.starting().length === 0, 'gives way while a worker is being tried');
    this.#published = 'nothing yet';
  }

  spawning({ generation, place, frozen }: Attempt, now: number): void {
    const { startAtOnce, hasCheck, intervalMs, maxStartAttempts, canaryMs } = this.#policy;
    const { worker = -1, workers = 0 } = place ?? {};
    this.#check(!this.#stopping && !this.#ended, 'tries a worker although it ends');
    this.#check(this.#table.starting().length < startAtOnce, `${startAtOnce + 1} are starting at once`);
    this.#check(worker >= 0 && worker < this.#table.wanted, `slot ${worker} of ${this.#table.wanted}`);
    this.#check(workers === this.#table.wanted, `says ${workers} workers, ${this.#table.wanted} are wanted`);
    const there = this.#table
      .living()
      .filter((row) => row.generation === generation && row.worker === worker);
    this.#check(there.length === 0, `${generation}/${worker} has a worker`);
    const others = this.#table.living().filter((row) => row.generation === generation);
    const isAlone = others.length === 0 || !this.#isOnTrial(generation, now);
    this.#check(isAlone, `starts ${generation}/${worker} before its canary was judged`);
    this.#check(!hasCheck || this.#passed.has(generation), `spawns ${generation} unchecked`);
    const directory = this.#directories.get(generation) ?? frozen?.directory;
    this.#directories.set(generation, directory);
    this.#check(frozen?.directory === directory, `${generation} runs in ${frozen?.directory}, too`);
    this.#check(generation <= this.#label + 1, `${generation} follows ${this.#label}`);
    this.#label = Math.max(this.#label, generation);
    const spacing = now - (this.#lastSpawnAt.get(worker) ?? -NEVER);
    this.#lastSpawnAt.set(worker, now);
    // Where nobody gives up, or a canary is on trial, the slots of the old ones have a pace of their own.
    const hasTwo = maxStartAttempts === 0 || canaryMs !== undefined;
    this.#check(hasTwo || spacing >= intervalMs, `slot ${worker} again after ${spacing} ms`);
  }

  spawned({ generation, place }: Attempt, pid: number | undefined, now: number): void {
    const worker = place?.worker ?? -1;
    this.#lastSpawnAt.set(worker, now);
    if (pid === undefined) return;
    this.#table.rows = [
      ...this.#table.rows,
      { generation, worker, pid, isOurs: true, started: false, signalled: false, killed: false },
    ];
  }

  signalled(pid: number, signal: Signal, now: number): void {
    const row = this.#table.rows.find((each) => each.pid === pid);
    if (row === undefined) return this.#check(false, `signals ${pid}, whose death was reported`);
    if (signal === 'SIGKILL') return this.#killed(row);
    this.#check(!row.signalled || this.#stopping, `signals ${pid} twice`);
    if (!this.#stopping && !this.#ended) this.#mayGo(row, signal, now);
    row.signalled = true;
  }

  #killed(row: Row): void {
    this.#check(row.signalled && !row.killed, `kills ${row.pid}, which was not told to go, or twice`);
    row.killed = true;
  }

  #mayGo(row: Row, signal: Signal, now: number): void {
    const { generation, worker } = row;
    const { signalOnHup, signalOnTerm } = this.#policy;
    this.#check(
      signal === (row.started ? signalOnHup : signalOnTerm),
      `sends ${signal} to ${generation}/${worker}`,
    );
    if (!row.started) return;
    const others = this.#table.serving().filter((each) => each !== row);
    this.#check(others.length > 0, `takes the last one away, ${generation}/${worker}`);
    const why = this.#isSurplus(row) || this.#isRetired(row, now) || this.#isWithdrawn(row);
    this.#check(why, `tells ${generation}/${worker} to go although nobody has taken its place`);
  }

  #isSurplus({ worker }: Row): boolean {
    return worker >= this.#table.wanted && this.#table.isWhole(this.#current);
  }

  /** Its successors have all started, and the delay has passed since. */
  #isRetired({ generation }: Row, now: number): boolean {
    const { killOldDelayMs } = this.#policy;
    return [...this.#wholeSince].some(
      ([newer, since]) => newer > generation && now - since >= killOldDelayMs && !this.#isOnTrial(newer, now),
    );
  }

  /** Its deploy has failed: the one before serves, in all slots or while another deploy is under way. */
  #isWithdrawn({ generation }: Row): boolean {
    if (!this.#over.has(generation) || generation === this.#current) return false;
    if (this.#canary?.verdict === 'refused' && this.#canary.row.generation === generation) return true;
    const isServing = this.#table.serving().some((each) => each.generation === this.#current);
    return isServing && (this.#begun || this.#table.isWhole(this.#current));
  }

  published(generations: readonly LiveGeneration[], now: number): void {
    for (const row of this.#table.rows) {
      if (row.started || !generations.some(({ pid }) => pid === row.pid)) continue;
      row.started = true;
      this.#waive();
      if (this.#isOnTrial(row.generation, now)) this.#canary = { row, since: now, verdict: 'open' };
      else if (this.#table.isWhole(row.generation)) this.#becomesWhole(row.generation, now);
    }
    this.#published = text(generations);
    this.#check(
      this.#published === this.#table.started(),
      `publishes ${this.#published} where ${this.#table.started()} live`,
    );
  }

  #becomesWhole(generation: number, now: number): void {
    if (this.#over.has(generation) && generation !== this.#current) return;
    if (!this.#wholeSince.has(generation)) this.#wholeSince.set(generation, now);
    this.#current = Math.max(this.#current, generation);
  }

  logged(entry: LogEvent, now: number): void {
    switch (entry.event) {
      case 'hup':
      case 'auto-restart':
        this.#supersede();
        this.#begun = true;
        this.#canary = undefined;
        this.#waived = false;
        this.#waive();
        return;
      case 'given-up':
        this.#givenUp(entry.keeps);
        this.#answer(entry.deploy);
        return;
      case 'check-refused':
        this.#begun = false;
        this.#over.add(entry.generation);
        this.#answer(entry.deploy);
        return;
      case 'canary-passed':
        if (this.#canary?.verdict === 'open') this.#canary.verdict = 'passed';
        this.#check(this.#mayPass(entry.pid, now), `passes ${entry.pid} before its time`);
        return;
      case 'canary-refused':
        if (this.#canary !== undefined) this.#canary.verdict = 'refused';
        this.#check(entry.generation === this.#canary?.row.generation, `refuses ${entry.generation}`);
        this.#givenUp(entry.keeps);
        this.#answer(entry.deploy);
        return;
      case 'start-given-up':
        this.#ended = true;
        this.#check(this.#current === 0, 'gives the first start up, which succeeded');
        return;
      case 'deployed':
        this.#deployed(entry, now);
        return;
      case 'scaled':
        this.#scaled(entry.to, now);
        return;
      case 'request-accepted':
        this.#requests.push(entry.deploy);
        return;
      case 'all-started': {
        const { generation, workers } = entry;
        const areThere = this.#table.isWhole(generation) && workers === this.#table.wanted;
        this.#check(areThere, `all of ${generation} have not started`);
        this.#settledAt = now;
        return;
      }
      case 'internal-error':
        this.#check(this.#faults > 0, entry.stack);
    }
  }

  #mayPass(pid: number, now: number): boolean {
    const { canaryMs = 0, hasCanaryCheck } = this.#policy;
    if (this.#canary?.row.pid !== pid || now < this.#canary.since + canaryMs) return false;
    return !hasCanaryCheck || this.#judged.has(pid);
  }

  /** Where nobody else serves, what has started of it does. */
  #supersede(): void {
    const serving = this.#table.serving().filter((row) => row.isOurs && !this.#over.has(row.generation));
    if (serving.every(({ generation }) => generation !== this.#current)) {
      this.#current = Math.max(this.#current, ...serving.map(({ generation }) => generation));
    }
    for (const { generation } of this.#table.rows) if (generation > this.#current) this.#over.add(generation);
  }

  #givenUp(keeps: number): void {
    this.#begun = false;
    for (const { generation } of this.#table.rows) if (generation > this.#current) this.#over.add(generation);
    const kept = this.#table.serving().filter(({ generation }) => generation === keeps);
    this.#check(kept.length > 0, `gives up although nobody of ${keeps} serves`);
  }

  #deployed({ deploy, generation, oldPids }: Extract<LogEvent, { event: 'deployed' }>, now: number): void {
    this.#check(this.#table.isWhole(generation), `deployed ${generation}, which is not whole`);
    this.#check(!this.#isOnTrial(generation, now), `deployed ${generation} before its canary was judged`);
    const old = this.#table.serving().filter((row) => row.generation < generation);
    const left = old.filter(({ pid }) => !oldPids.includes(pid)).map(({ pid }) => pid);
    this.#check(left.length === 0, `forgets ${left.join()}, which are old`);
    this.#becomesWhole(generation, now);
    if (deploy === undefined) return;
    this.#begun = false;
    this.#answer(deploy);
  }

  #scaled(to: number, now: number): void {
    this.#check(to >= 1, `scales to ${to}`);
    this.#table.wanted = to;
    if (this.#table.isWhole(this.#current)) this.#becomesWhole(this.#current, now);
  }

  #answer(deploy: number | undefined): void {
    this.#requests = this.#requests.filter((each) => deploy === undefined || each > deploy);
  }

  waiting(deadline: number, now: number): void {
    this.#waitedAt = now;
    this.#check(this.#published === this.#table.started(), `the status file says ${this.#published}`);
    if (this.#stopping || this.#ended) {
      for (const row of this.#table.rows.filter(({ isOurs }) => isOurs || this.#stopping)) {
        this.#check(row.signalled, `${row.pid} was not told to go`);
      }
      return;
    }
    this.#retiring(deadline, now);
    const [one] = this.#table.tooManyOld(this.#policy.maxOld ?? NEVER);
    this.#check(one === undefined || deadline <= now, `${one?.pid} is one too many, SIGKILL is due`);
    const newest = this.#current;
    const current = this.#table.serving().filter(({ generation }) => generation === newest);
    const isQuiet = this.#table.starting().length === 0 && !this.#begun;
    if (isQuiet && current.length === this.#table.wanted && this.#table.isWhole(newest))
      this.#settledAt = now;
  }

  #retiring(deadline: number, now: number): void {
    const since = this.#wholeSince.get(this.#current);
    if (since === undefined) return;
    const old = this.#table.serving().filter(({ generation }) => generation < this.#current);
    const due = Math.max(since + this.#policy.killOldDelayMs, now);
    this.#check(
      old.length === 0 || deadline <= due,
      `${old[0]?.generation} is old, its signal is due at ${due}`,
    );
  }

  ended(how: Outcome['kind']): void {
    const rows = this.#table.rows.filter(({ isOurs }) => isOurs || how === 'stopped');
    this.#check(rows.length === 0, `leaves ${rows.map(({ pid }) => pid).join()} behind`);
    if (how === 'never-started') this.#check(this.#current === 0, 'ends although it had started');
    else this.#check(this.#stopping, 'ends without having been told to');
  }

  doesNotEnd(): void {
    this.#check(false, 'does not end');
  }

  #check(holds: boolean, violation: string): void {
    if (!holds) this.violation ??= violation;
  }
}
