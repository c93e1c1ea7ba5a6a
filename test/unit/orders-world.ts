// A world in which nothing happens by itself: whoever searches through every order of events says what happens next, and
// how each call goes that may fail.

import type { Attempt, Checking, Event, Host, Policy, Signal, Spawned } from '../../src/superdaemon/host.ts';
import type { LogEvent } from '../../src/superdaemon/log-event.ts';
import { logLine } from '../../src/superdaemon/log-line.ts';
import type { Table } from '../../src/superdaemon/state.ts';
import type { OrdersAudience, Telling } from './orders-audience.ts';

export interface Process {
  readonly pid: number;
  readonly attempt: number;
  /** It has been told to go. */
  signalled: boolean;
}

/** What runs beside the superdaemon, and will be heard of; `cancelled`: nobody waits for it any more. */
export interface Pending {
  readonly what: 'check' | 'judgement' | 'proof';
  readonly number: number;
  cancelled: boolean;
}

/** Its calls are fields, for they are handed on one by one. */
export class OrdersWorld implements Host {
  nowMs = 0;
  processes: readonly Process[] = [];
  pending: readonly Pending[] = [];
  /** Of clients. */
  requests = 0;
  readonly transcript: string[] = [];
  /** Of the calls of this turn that may fail, how many were made. */
  calls = 0;
  readonly #policy: Policy;
  readonly #isRecorded: boolean;
  readonly #audience: OrdersAudience;
  #failing: ReadonlySet<number> = new Set();

  constructor(policy: Policy, audience: OrdersAudience, isRecorded: boolean) {
    this.#policy = policy;
    this.#isRecorded = isRecorded;
    this.#audience = audience;
  }

  /** As that one is now. */
  become({ nowMs, processes, pending, requests }: OrdersWorld): void {
    this.nowMs = nowMs;
    this.requests = requests;
    this.processes = processes.map((each) => ({ ...each }));
    this.pending = pending.map((each) => ({ ...each }));
  }

  /** In the turn that comes, the calls of these numbers fail. */
  failNext(failing: readonly number[]): void {
    this.calls = 0;
    this.#failing = new Set(failing);
  }

  now = () => this.nowMs;

  nextEvent = (): Promise<Event> => Promise.reject(new Error('events are chosen here'));

  freeze = () => undefined;

  outdate = (ordinal: number): void => this.tell((observer) => observer.outdated?.(ordinal));

  policy = (): Policy => {
    this.tell((observer) => observer.policy?.(this.#policy));
    return this.#policy;
  };

  check = ({ generation }: Pick<Attempt, 'generation'>): Checking => {
    this.note(`check ${generation}`);
    this.tell((observer, nowMs) => observer.checking?.(generation, nowMs));
    const checking = this.#run('check', generation);
    if (checking.kind === 'failed') this.tell((observer) => observer.checkFailed?.());
    return checking;
  };

  cancelCheck = (): void => {
    this.tell((observer, nowMs) => observer.checkCancelled?.(nowMs));
    this.#cancel('check');
  };

  judge: Host['judge'] = ({ attempt }) => this.#run('judgement', attempt);

  cancelJudgement = (): void => this.#cancel('judgement');

  trySuccessor = (_table: Table, trial: number): Checking => {
    this.note('proof');
    this.tell((observer) => observer.trying?.(trial));
    return this.#run('proof', trial);
  };

  cancelTrial = (): void => {
    this.tell((observer) => observer.proofCancelled?.());
    this.#cancel('proof');
  };

  spawn = (attempt: Attempt): Spawned => {
    this.tell((observer, nowMs) => observer.spawning?.(attempt, nowMs));
    const spawned: Spawned = this.#fails()
      ? { kind: 'failed', reason: 'EAGAIN' }
      : { kind: 'spawned', pid: this.#live(attempt.attempt) };
    this.tell((observer, nowMs) => observer.spawned?.(attempt, spawned, nowMs));
    return spawned;
  };

  signal = (pid: number, signal: Signal): void => {
    this.note(`${signal} → ${pid}`);
    this.tell((observer, nowMs) => observer.signalled?.(pid, signal, nowMs));
    for (const process of this.processes) if (process.pid === pid) process.signalled = true;
  };

  memoryOf = () => undefined;

  /** What its workers have started ends before them. */
  signalTree = (pid: number): void => {
    throw new Error(`${pid} has left nothing`);
  };

  publish: Host['publish'] = (generations) => {
    this.tell((observer, nowMs) => observer.published?.(generations, nowMs));
  };

  log = (entry: LogEvent): void => {
    if (this.#isRecorded) this.note(entry.event === 'internal-error' ? entry.stack : logLine(entry));
    this.tell((observer, nowMs) => observer.logged?.(entry, nowMs));
  };

  /** It has died, or was heard of. */
  forget(what: Process | Pending): void {
    this.processes = this.processes.filter((each) => each !== what);
    this.pending = this.pending.filter((each) => each !== what);
  }

  tell(telling: Telling): void {
    this.#audience.tell(telling, this.nowMs);
  }

  note(line: string | undefined): void {
    if (this.#isRecorded && line !== undefined) this.transcript.push(`${this.nowMs / 1000}s ${line}`);
  }

  #fails(): boolean {
    this.calls += 1;
    return this.#failing.has(this.calls - 1);
  }

  #run(what: Pending['what'], number: number): Checking {
    if (this.#fails()) return { kind: 'failed', reason: 'no such file' };
    // Of those that nobody waits for, one that may still speak is enough.
    this.pending = this.pending.filter((each) => each.what !== what || !each.cancelled);
    this.pending = [...this.pending, { what, number, cancelled: false }];
    return { kind: 'running' };
  }

  #cancel(what: Pending['what']): void {
    this.note(`${what} cancelled`);
    for (const each of this.pending) if (each.what === what) each.cancelled = true;
  }

  /** The lowest pid that is free. */
  #live(attempt: number): number {
    let pid = 101;
    while (this.processes.some((process) => process.pid === pid)) pid++;
    this.processes = [...this.processes, { pid, attempt, signalled: false }];
    return pid;
  }
}
