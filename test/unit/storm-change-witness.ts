// Watches a superdaemon whose command lines ask for one worker and for a pool by turns: each worker is what the command line of
// its deploy says, somebody serves on whatever comes, and in the end as many serve as are asked for, and no more.

import type { Attempt, Event, LiveGeneration, Policy, Signal, Spawned } from '../../src/superdaemon/host.ts';
import type { LogEvent } from '../../src/superdaemon/log-event.ts';
import type { Outcome } from '../../src/superdaemon/state.ts';
import { type Call, EVERYDAY, type Observer } from './scenario.ts';
import { ConfigurationWitness } from './storm-configurations.ts';
import { outlived, rowOf } from './storm-trees.ts';

interface Row {
  readonly ordinal: number;
  readonly worker: number;
  readonly generation: number;
  readonly pid: number;
  started: boolean;
  signalled: boolean;
  /** It may go although nobody takes its place: a canary, one that hangs. */
  excused?: true;
  recycled?: true;
}

/** How many workers each command line asks for in turn; undefined: one, and no pool. */
export type Sizes = readonly (number | undefined)[];

export class ChangeWitness implements Partial<Observer> {
  violation: string | undefined;
  readonly #sizes: Sizes;
  readonly #calmAt: number;
  readonly #configurations = new ConfigurationWitness((...of) => this.#check(...of));
  readonly #since = [1];
  #policy: Policy = EVERYDAY;
  #rows: readonly Row[] = [];
  #wanted: number;
  /** The deploy that serves. */
  #current = 1;
  /** Somebody has scaled since the last deploy that succeeded, which may have brought another size, too. */
  #isScaled = true;
  #begun = false;
  #stopping = false;
  #ended = false;
  #faults = 0;
  #settledAt = Number.NEGATIVE_INFINITY;
  #waitedAt = 0;

  constructor(calmAt: number, sizes: Sizes) {
    this.#calmAt = calmAt;
    this.#sizes = sizes;
    this.#wanted = sizes[0] ?? 1;
  }

  fault(_: Call): void {
    this.#faults++;
  }

  survived(workers: readonly LiveGeneration[]): void {
    const old = { ordinal: 0, worker: 0, started: true, signalled: false };
    this.#rows = workers.map(({ generation, pid }) => ({ ...old, generation, pid }));
  }

  policy(policy: Policy): void {
    this.#policy = policy;
  }

  event(event: Event, now: number): void {
    if (event.kind === 'death') this.#configurations.died(event.pid);
    if (isScaling(event)) this.#isScaled = true;
    if (event.kind === 'death' || event.kind === 'tree-ended') this.#gone(event);
    if (event.kind === 'signal' && ['SIGTERM', 'SIGINT', 'SIGQUIT'].includes(event.signal)) this.#stop(now);
  }

  #gone(event: Extract<Event, { kind: 'death' | 'tree-ended' }>): void {
    const row = rowOf(this.#rows, { pid: event.pid, isTree: event.kind === 'tree-ended' });
    const stays = row !== undefined && event.kind === 'death' && event.left !== undefined;
    this.#rows = this.#rows.flatMap((each) =>
      each !== row ? each : stays ? outlived(each, this.#policy) : [],
    );
  }

  #stop(now: number): void {
    const isCalm = now > this.#calmAt && !this.#stopping && !this.#ended;
    const isSettled = this.#settledAt >= Math.min(this.#calmAt, this.#waitedAt);
    this.#check(!isCalm || isSettled, `not settled since ${this.#settledAt} ms`);
    this.#stopping = true;
  }

  reconfigured(since: number): void {
    this.#configurations.reconfigured(since);
    this.#since.push(since);
  }

  outdated(ordinal: number): void {
    this.#configurations.outdated(ordinal);
  }

  /** What the command line of a deploy asks for. */
  #asked(ordinal: number): number | undefined {
    const nth = this.#since.findLastIndex((since) => since <= ordinal);
    return this.#sizes[Math.max(0, nth) % this.#sizes.length];
  }

  spawning({ ordinal, place }: Attempt): void {
    const isPool = this.#asked(ordinal) !== undefined;
    this.#check(!this.#stopping && !this.#ended, 'tries a worker although it ends');
    const starting = this.#living().filter(({ started }) => !started);
    this.#check(starting.length < this.#policy.startAtOnce, 'too many are starting at once');
    this.#check((place !== undefined) === isPool, `a worker of ${ordinal} is none of its pool`);
    const { worker = 0, workers = 1 } = place ?? {};
    this.#check(
      !isPool || (worker < this.#wanted && workers === this.#wanted),
      `slot ${worker} of ${workers}`,
    );
    const twin = this.#living().find(
      (row) => row.ordinal === ordinal && row.worker === worker && !row.recycled,
    );
    this.#check(twin === undefined, `deploy ${ordinal} has ${twin?.pid} in slot ${worker}`);
  }

  spawned(tried: Attempt, spawned: Spawned): void {
    this.#configurations.spawned(tried, spawned);
    if (spawned.kind === 'failed') return;
    const { ordinal, generation, place } = tried;
    const born = { ordinal, generation, worker: place?.worker ?? 0, pid: spawned.pid };
    this.#rows = [...this.#rows, { ...born, started: false, signalled: false }];
  }

  signalled(pid: number, signal: Signal): void {
    const row = rowOf(this.#rows, { pid, isTree: false });
    if (row === undefined) return this.#check(false, `signals ${pid}, whose death was reported`);
    const isFirst = !row.signalled;
    row.signalled = true;
    if (signal === 'SIGKILL') return this.#check(!isFirst, `kills ${pid}, which was not told to go`);
    if (isFirst && row.started && !row.excused && !this.#stopping && !this.#ended) this.#mayGo(row);
  }

  /** Its slot is served by somebody else, or is wanted no more. */
  #mayGo({ ordinal, worker, pid }: Row): void {
    const serving = this.#living().filter(({ started }) => started);
    this.#check(serving.length > 0, `takes the last one away, ${pid} of deploy ${ordinal}`);
    const isReplaced = serving.some(
      (row) => row.worker === worker || (row.ordinal > ordinal && this.#asked(row.ordinal) === undefined),
    );
    const isAbandoned = serving.some((row) => row.ordinal < ordinal);
    const isWanted = worker < this.#wanted && (this.#asked(ordinal) !== undefined || worker === 0);
    this.#check(
      isReplaced || isAbandoned || !isWanted,
      `takes ${ordinal}/${worker} away without a successor`,
    );
  }

  published(generations: readonly LiveGeneration[]): void {
    for (const row of this.#rows) {
      const found = generations.find(({ pid }) => pid === row.pid);
      row.started ||= found !== undefined;
      const isOfPool = this.#asked(row.ordinal) !== undefined;
      this.#check(
        !found || (found.worker !== undefined) === isOfPool,
        `${row.pid} is named as what it is not`,
      );
    }
    const started = this.#rows.filter((row) => row.started).map(({ pid }) => pid);
    const said = generations.map(({ pid }) => pid);
    this.#check(said.sort().join() === started.sort().join(), `publishes ${said} where ${started} live`);
  }

  logged(entry: LogEvent, now: number): void {
    const row = 'pid' in entry ? rowOf(this.#rows, { pid: entry.pid ?? 0, isTree: false }) : undefined;
    if (row !== undefined) mark(row, entry.event);
    switch (entry.event) {
      case 'hup':
      case 'auto-restart':
        this.#begun = true;
        return;
      case 'given-up':
      case 'check-refused':
      case 'canary-refused':
        this.#begun = false;
        return;
      case 'deployed':
        if (entry.deploy !== undefined) this.#begun = false;
        if ((entry.deploy ?? -1) + 1 >= (this.#since.at(-1) ?? 1)) this.#isScaled = true;
        this.#current = Math.max(this.#current, row?.ordinal ?? 0);
        if (this.#isRestless() && this.#isWhole()) this.#settledAt = now;
        return;
      case 'start-given-up':
        this.#ended = true;
        return;
      case 'scaled':
        this.#check(this.#isScaled, `takes the size ${entry.to} of what has not been deployed`);
        this.#isScaled = false;
        this.#wanted = entry.to;
        return;
      case 'all-started':
        this.#settledAt = now;
        this.#isScaled = false;
        return this.#check(this.#isWhole(), 'all have not started');
      case 'internal-error':
        this.#check(this.#faults > 0, entry.stack);
    }
  }

  waiting(_deadline: number, now: number): void {
    this.#waitedAt = now;
    if (this.#stopping || this.#ended) return;
    const isQuiet = !this.#begun && this.#living().every(({ started }) => started);
    const isAlone = this.#living().length === this.#size();
    if (isQuiet && this.#isWhole() && (isAlone || this.#isRestless())) this.#settledAt = now;
  }

  /** With auto restart there always is a deploy under way, or an old worker. */
  #isRestless(): boolean {
    return this.#policy.autoRestartIntervalMs !== undefined;
  }

  #size(): number {
    return this.#asked(this.#current) === undefined ? 1 : this.#wanted;
  }

  #isWhole(): boolean {
    const slots = this.#living().flatMap(({ started, worker }) => (started ? [worker] : []));
    return new Set(slots.filter((slot) => slot < this.#size())).size === this.#size();
  }

  #living(): readonly Row[] {
    return this.#rows.filter(({ signalled }) => !signalled);
  }

  ended(how: Outcome['kind']): void {
    const rows = this.#rows.filter(({ ordinal }) => ordinal > 0 || how === 'stopped');
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

function isScaling(event: Event): boolean {
  return event.kind === 'scale' || (event.kind === 'signal' && /^SIGTT(IN|OU)$/.test(event.signal));
}

function mark(row: Row, event: LogEvent['event']): void {
  if (event === 'canary-started' || event === 'worker-hung') row.excused = true;
  if (event === 'canary-passed' || event === 'canary-skipped') delete row.excused;
  if (event === 'recycling') row.recycled = true;
  if (event === 'recycle-failed') delete row.recycled;
}
