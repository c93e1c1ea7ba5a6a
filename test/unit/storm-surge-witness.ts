// Watches a pool that is deployed from slot to slot: how many live, and that in each slot somebody serves on who was not
// told to go before another one serves there. A deploy may stop half-way, so no generation is ever the one that counts.

import type { Attempt, Event, LiveGeneration, Policy, Signal, Spawned } from '../../src/superdaemon/host.ts';
import type { LogEvent } from '../../src/superdaemon/log-event.ts';
import type { Outcome } from '../../src/superdaemon/state.ts';
import { type Call, EVERYDAY, type Observer } from './scenario.ts';
import { ConfigurationWitness } from './storm-configurations.ts';
import { Recycling } from './storm-pool-recycling.ts';
import { PoolTable, type Row, text } from './storm-pool-table.ts';
import { Resends, resendBy } from './storm-resend.ts';
import { isOwed, type Named, owes, rowOf } from './storm-trees.ts';

export class SurgeWitness implements Partial<Observer> {
  violation: string | undefined;
  #policy: Policy = EVERYDAY;
  readonly #table = new PoolTable();
  /** All have started for the first time. */
  #wasWhole = false;
  #begun = false;
  #stopping = false;
  #ended = false;
  #settledAt = Number.NEGATIVE_INFINITY;
  #waitedAt = 0;
  /** The pids of those on trial, and of those that hang. */
  readonly #canaries = new Set<number>();
  #requests: number[] = [];
  readonly #recycling = new Recycling(this.#table);
  readonly #configurations = new ConfigurationWitness((...of) => this.#check(...of));
  readonly #resends = new Resends<Row>();
  #faults = 0;
  readonly #calmAt: number;

  constructor(calmAt: number) {
    this.#calmAt = calmAt;
  }

  fault(call: Call): void {
    this.#faults++;
    if (call === 'signal' || call === 'signalTree') this.#resends.lost();
  }

  survived(workers: readonly LiveGeneration[]): void {
    this.#table.rows = workers.map(({ generation, pid }) => {
      return {
        generation,
        worker: 0,
        pid,
        isOurs: false,
        started: true,
        signalled: false,
        killed: false,
        attempt: 0,
      };
    });
  }

  policy(policy: Policy): void {
    this.#policy = policy;
    this.#table.policy = policy;
    if (this.#table.wanted === 0) this.#table.wanted = policy.workers ?? 1;
  }

  event(event: Event, now: number): void {
    this.#recycling.event(event);
    if (event.kind === 'death') {
      this.#canaries.delete(event.pid);
      this.#configurations.died(event.pid);
    }
    this.#table.take(event);
    if (event.kind === 'signal' && ['SIGTERM', 'SIGINT', 'SIGQUIT'].includes(event.signal)) this.#stop(now);
  }

  /** After the last fault somebody must serve in each slot, and everybody must have his answer. */
  #stop(now: number): void {
    const isCalm = now > this.#calmAt && !this.#stopping && !this.#ended;
    const isSettled = this.#settledAt >= Math.min(this.#calmAt, this.#waitedAt);
    this.#check(!isCalm || isSettled, `not settled since ${this.#settledAt} ms`);
    const areAnswered = this.#begun || this.#requests.length === 0;
    this.#check(!isCalm || areAnswered, `leaves ${this.#requests.join()} without an answer`);
    if (isCalm && !this.#begun) this.#recycling.calm(now);
    this.#stopping = true;
  }

  spawning({ generation, place }: Attempt): void {
    const { worker = -1, workers = 0 } = place ?? {};
    const { starting, living, rows, wanted } = this.#now();
    this.#check(!this.#stopping && !this.#ended, 'tries a worker although it ends');
    this.#check(starting.length < this.#policy.startAtOnce, 'too many are starting at once');
    this.#check(worker >= 0 && worker < wanted && workers === wanted, `slot ${worker} of ${workers}`);
    const inSlot = living.filter((row) => row.worker === worker);
    this.#check(
      inSlot.every((row) => row.generation !== generation || row.recycledAt !== undefined),
      `${generation}/${worker} has a worker`,
    );
    const isOneMore = inSlot.some(({ started }) => started);
    const most = wanted + (this.#policy.surge ?? Number.POSITIVE_INFINITY);
    const isAnyOnTheWay = rows.some(({ started, signalled }) => signalled || !started);
    const hasRoom = rows.length < most || !isAnyOnTheWay;
    this.#check(!this.#wasWhole || !isOneMore || hasRoom, `${rows.length} live, and ${most} may`);
  }

  reconfigured(since: number): void {
    this.#configurations.reconfigured(since);
  }

  outdated(ordinal: number): void {
    this.#configurations.outdated(ordinal);
  }

  spawned(tried: Attempt, spawned: Spawned): void {
    const { generation, place, attempt } = tried;
    this.#configurations.spawned(tried, spawned);
    if (spawned.kind === 'failed') return;
    const { pid } = spawned;
    const born = { generation, worker: place?.worker ?? -1, pid, isOurs: true, attempt };
    this.#table.rows = [...this.#table.rows, { ...born, started: false, signalled: false, killed: false }];
  }

  signalled(pid: number, signal: Signal, now: number): void {
    this.#signalled({ pid, isTree: false }, signal, now);
  }

  treeSignalled(pid: number, signal: Signal, now: number): void {
    this.#signalled({ pid, isTree: true }, signal, now);
  }

  #signalled(who: Named, signal: Signal, now: number): void {
    const { pid } = who;
    const row = rowOf(this.#table.rows, who);
    if (row === undefined) return this.#check(false, `signals ${pid}, whose death was reported`);
    if (signal === 'SIGKILL') return this.#killed(row, now);
    const isFirst = isOwed(row, signal);
    if (this.#resends.sends(row, signal, now) || isFirst) return;
    this.#check(!row.signalled || this.#stopping, `signals ${pid} twice`);
    row.signalled = true;
    if (row.started && !this.#stopping && !this.#ended) this.#mayGo(row);
  }

  #killed(row: Row, now: number): void {
    this.#resends.sends(row, 'SIGKILL', now);
    isOwed(row, 'SIGKILL');
    this.#check(row.signalled, `kills ${row.pid}, which was not told to go`);
  }

  /** Somebody else serves in its place. What a deploy left that failed goes while another one is brought up, too. */
  #mayGo({ generation, worker, pid }: Row): void {
    if (this.#canaries.has(pid)) return;
    const { serving, wanted } = this.#now();
    const isServed = worker >= wanted || serving.some((row) => row.worker === worker);
    const isAbandoned = this.#begun && serving.some((row) => row.generation < generation);
    this.#check(isServed || isAbandoned, `takes ${generation}/${worker} away, which has no successor`);
    this.#check(serving.length > 0, `takes the last one away, ${generation}/${worker}`);
  }

  published(generations: readonly LiveGeneration[]): void {
    for (const row of this.#table.rows) row.started ||= generations.some(({ pid }) => pid === row.pid);
    const started = this.#table.started();
    this.#check(text(generations) === started, `publishes ${text(generations)} where ${started} live`);
  }

  logged(entry: LogEvent, now: number): void {
    this.#recycling.logged(entry, this.#begun, now);
    switch (entry.event) {
      case 'hup':
      case 'auto-restart':
        this.#begun = true;
        return;
      case 'given-up':
      case 'check-refused':
      case 'canary-refused':
        this.#begun = false;
        return this.#answer(entry.deploy);
      case 'deployed':
        if (entry.deploy !== undefined) this.#begun = false;
        return this.#answer(entry.deploy);
      case 'canary-started':
      case 'worker-hung':
        this.#canaries.add(entry.pid);
        return;
      case 'canary-passed':
      case 'canary-skipped':
        this.#canaries.delete(entry.pid);
        return;
      case 'start-given-up':
        this.#ended = true;
        return;
      case 'scaled':
        this.#table.wanted = entry.to;
        return;
      case 'request-accepted':
        this.#requests.push(entry.deploy);
        return;
      case 'all-started':
        this.#wasWhole = true;
        this.#settledAt = now;
        return this.#check(this.#isServed(), 'all have not started');
      case 'internal-error':
        this.#check(this.#faults > 0, entry.stack);
    }
  }

  #answer(deploy: number | undefined): void {
    this.#requests = this.#requests.filter((each) => deploy === undefined || each > deploy);
  }

  waiting(deadline: number, now: number): void {
    this.#waitedAt = now;
    const owed = owes(this.#table.rows);
    this.#check(owed === undefined || deadline <= now, owed ?? '');
    for (const row of this.#table.rows)
      this.#check(deadline <= Math.max(resendBy(row), now), `${row.pid} is due to hear it again`);
    if (this.#stopping || this.#ended) {
      for (const row of this.#table.rows.filter(({ isOurs }) => isOurs || this.#stopping)) {
        this.#check(row.signalled, `${row.pid} was not told to go`);
      }
      return;
    }
    const isQuiet = this.#table.starting().length === 0 && !this.#begun;
    if (isQuiet && this.#isServed() && this.#table.serving().length >= this.#table.wanted)
      this.#settledAt = now;
  }

  /** In every slot. */
  #isServed(): boolean {
    const { serving, wanted } = this.#now();
    return (
      new Set(serving.filter(({ worker }) => worker < wanted).map(({ worker }) => worker)).size === wanted
    );
  }

  #now() {
    const { rows, wanted } = this.#table;
    const [living, serving, starting] = [this.#table.living(), this.#table.serving(), this.#table.starting()];
    return { rows, wanted, living, serving, starting };
  }

  ended(how: Outcome['kind']): void {
    const rows = this.#table.rows.filter(({ isOurs }) => isOurs || how === 'stopped');
    this.#check(rows.length === 0, `leaves ${rows.map(({ pid }) => pid).join()} behind`);
    if (how !== 'never-started') this.#check(this.#stopping, 'ends without having been told to');
  }

  doesNotEnd(): void {
    this.#check(false, 'does not end');
  }

  #check(holds: boolean, violation: string): void {
    if (!holds) this.violation ??= violation;
  }
}
