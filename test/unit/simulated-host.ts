// A world for the superdaemon on a virtual clock: scripted workers, scripted events, and a transcript of what an
// observer sees. Anything that happens by itself is an entry of the agenda; time passes only in nextEvent.

import * as v from 'valibot';
import type { Frozen } from '../../src/superdaemon/frozen.ts';
import type { Attempt, Checking, Event, Host, Policy, Signal, Spawned } from '../../src/superdaemon/host.ts';
import type { LogEvent } from '../../src/superdaemon/log-event.ts';
import { logLine } from '../../src/superdaemon/log-line.ts';
import type { Reconfiguration } from '../../src/superdaemon/reconfiguration.ts';
import type { Outcome, Survivors, Table } from '../../src/superdaemon/state.ts';
import { superdaemon } from '../../src/superdaemon/superdaemon.ts';
import { fromText, toText } from '../../src/upgrade/json.ts';
import { table } from '../../src/upgrade/table-schema.ts';
import {
  type Call,
  type CheckScript,
  EVERYDAY,
  type Happening,
  lives,
  type Observer,
  type Scenario,
  type SpawnScript,
  type WorkerScript,
} from './scenario.ts';
import { Agenda, eventOf, Processes } from './simulated-world.ts';

const A_DAY_MS = 86_400_000;

export type Told = LogEvent & { readonly atMs: number };

export interface Simulation {
  /** `SECONDSs WHAT` each: log lines, `SIGNAL → PID`, `status file GENERATION:PID …`, `check GENERATION`. */
  readonly transcript: readonly string[];
  /** All that was logged, with or without a line. */
  readonly told: readonly Told[];
  /** undefined: it ran on, with nothing left to happen. */
  readonly outcome: Outcome | undefined;
  readonly events: number;
}

export async function simulate(scenario: Scenario): Promise<Simulation> {
  const host = new SimulatedHost(scenario);
  let outcome = await Promise.race([superdaemon(host, { survivors: host.survivors }), host.end]);
  while (outcome?.kind === 'upgrade') {
    const next = host.execSuccessor(outcome.table);
    outcome = await Promise.race([superdaemon(host, { table: handedOver(next) }), host.end]);
  }
  const { transcript, told, events } = host;
  return { transcript, told, outcome, events };
}

/** As the next program sees it. */
function handedOver(between: Table): Table {
  return v.parse(table, fromText(toText(between)));
}

/** Its calls are fields, for they are handed on one by one. */
class SimulatedHost implements Host {
  readonly transcript: string[] = [];
  readonly told: Told[] = [];
  events = 0;
  readonly end: Promise<undefined>;
  readonly survivors: Survivors;
  readonly #scenario: Scenario;
  readonly #observer: Partial<Observer>;
  readonly #agenda = new Agenda();
  readonly #processes: Processes;
  readonly #calls = {
    policy: 0,
    check: 0,
    cancelCheck: 0,
    judge: 0,
    cancelJudgement: 0,
    trySuccessor: 0,
    cancelTrial: 0,
    outdate: 0,
    spawn: 0,
    signal: 0,
    signalTree: 0,
    publish: 0,
    log: 0,
  };
  #over = () => {};
  #policy = EVERYDAY;
  #generation = 0;
  #to: Reconfiguration | undefined;
  #changes = 0;
  #cancelJudgement = () => {};
  #cancelCheck = () => {};
  #idleTurns = 0;
  #turnMs = 0;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#observer = scenario.observer ?? {};
    this.#processes = new Processes(this.#agenda, scenario.reusesPids);
    this.end = new Promise((resolve) => {
      this.#over = () => resolve(undefined);
    });
    this.survivors = this.#survive(scenario.survivors);
    for (const happening of scenario.happenings ?? []) {
      this.#agenda.plan(happening.atMs, () => this.#happen(happening));
    }
  }

  #survive({ last, workers }: Scenario['survivors'] = { last: 0, workers: [] }): Survivors {
    const living = workers.map(({ generation, ...life }) => {
      const survivor = { ordinal: 0, generation, frozen: undefined, attempt: 0, place: undefined };
      return { generation, pid: this.#processes.spawn(survivor, life, false) };
    });
    this.#generation = last;
    this.#observer.survived?.(living, last);
    return { generation: last, workers: living };
  }

  now = () => this.#agenda.nowMs;

  nextEvent = (deadline: number): Promise<Event> => {
    const { untilMs = A_DAY_MS, enough } = this.#scenario;
    this.#observer.waiting?.(deadline, this.now());
    const event = this.#agenda.next(deadline);
    if (event === undefined || this.now() > untilMs || this.#spins(event) || enough?.()) {
      this.#over();
      return new Promise(() => {});
    }
    this.events++;
    this.#observer.event?.(event, this.now());
    return Promise.resolve(event);
  };

  freeze = (): Frozen | undefined => {
    const { freezes } = this.#scenario;
    return freezes && { directory: `/release/${this.now()}`, envdir: new Map() };
  };

  policy = (): Policy => {
    this.#policy = this.#policyNow();
    this.#called('policy');
    this.#observer.policy?.(this.#policy);
    return this.#policy;
  };

  check = ({ generation }: Pick<Attempt, 'generation'>): Checking => {
    this.#generation = generation;
    this.#note(`check ${generation}`);
    this.#observer.checking?.(generation, this.now());
    this.#called('check');
    const script = this.#checkScript();
    if ('fails' in script) {
      this.#observer.checkFailed?.();
      return { kind: 'failed', reason: script.fails };
    }
    const { endsAfterMs = 0, refusal, evenCancelled } = script;
    let cancelled = false;
    this.#cancelCheck = () => {
      cancelled = evenCancelled !== true;
    };
    const ended: Event = { kind: 'checked', generation, refusal };
    this.#agenda.plan(this.now() + endsAfterMs, () => (cancelled ? undefined : ended));
    return { kind: 'running' };
  };

  judge: Host['judge'] = ({ attempt, pid }) => {
    this.#note(`judge ${pid}`);
    this.#called('judge');
    const { judgements = [] } = this.#scenario;
    const script =
      typeof judgements === 'function' ? judgements(this.now()) : (judgements[this.#calls.judge - 1] ?? {});
    if ('fails' in script) return { kind: 'failed', reason: script.fails };
    const { endsAfterMs = 0, refusal, evenCancelled } = script;
    let cancelled = false;
    this.#cancelJudgement = () => {
      cancelled = evenCancelled !== true;
    };
    const ended: Event = { kind: 'judged', attempt, refusal };
    this.#agenda.plan(this.now() + endsAfterMs, () => (cancelled ? undefined : ended));
    return { kind: 'running' };
  };

  cancelJudgement = (): void => {
    this.#note('judgement cancelled');
    this.#called('cancelJudgement');
    this.#cancelJudgement();
  };

  cancelCheck = (): void => {
    this.#note('check cancelled');
    this.#observer.checkCancelled?.(this.now());
    this.#called('cancelCheck');
    this.#cancelCheck();
  };

  trySuccessor = (_table: Table, trial: number, to: Reconfiguration | undefined): Checking => {
    this.#note(to === undefined ? 'proof' : `proof of ${to.words.join(' ')}`);
    this.#to = to;
    this.#observer.trying?.(trial);
    this.#called('trySuccessor');
    const { proofs = [] } = this.#scenario;
    const script =
      typeof proofs === 'function' ? proofs(this.now()) : (proofs[this.#calls.trySuccessor - 1] ?? {});
    if ('fails' in script) return { kind: 'failed', reason: script.fails };
    const ended: Event = { kind: 'tried', trial, refusal: script.refusal };
    this.#agenda.plan(this.now() + (script.endsAfterMs ?? 0), () => ended);
    return { kind: 'running' };
  };

  cancelTrial = (): void => {
    this.#note('proof cancelled');
    this.#observer.proofCancelled?.();
    this.#called('cancelTrial');
  };

  /** By another command line, if that was tried. */
  execSuccessor(between: Table): Table {
    this.#note('gives way');
    this.#observer.givesWay?.();
    const to = this.#to;
    if (to === undefined) return between;
    this.#agenda.plan(this.now(), () => ({ kind: 'request', request: to.request }));
    const since = between.begun + 1;
    this.#changes++;
    this.#observer.reconfigured?.(since);
    const isPool = this.#policyNow().workers !== undefined;
    return { ...between, configurations: [...between.configurations, { since, isPool }] };
  }

  outdate = (ordinal: number): void => {
    this.#note(`outdates what is before deploy ${ordinal}`);
    this.#observer.outdated?.(ordinal);
    this.#called('outdate');
  };

  spawn = (attempt: Attempt): Spawned => {
    this.#generation = attempt.generation;
    this.#observer.spawning?.(attempt, this.now());
    this.#called('spawn');
    const script = this.#workerScript(attempt);
    this.#agenda.nowMs += this.#scenario.spawnTakesMs ?? 0;
    const spawned: Spawned =
      'fails' in script
        ? { kind: 'failed', reason: script.fails }
        : { kind: 'spawned', pid: this.#live(attempt, script), rebound: script.rebinds === true };
    this.#observer.spawned?.(attempt, spawned, this.now());
    return spawned;
  };

  signal = (pid: number, signal: Signal): void => {
    this.#note(`${signal} → ${pid}`);
    this.#observer.signalled?.(pid, signal, this.now());
    this.#called('signal');
    this.#processes.signal(pid, signal);
  };

  memoryOf = (pid: number): number | undefined => this.#processes.memoryOf(pid);

  signalTree = (pid: number, signal: Signal): void => {
    this.#note(`${signal} → tree of ${pid}`);
    this.#observer.treeSignalled?.(pid, signal, this.now());
    this.#called('signalTree');
    this.#processes.signalTree(pid, signal);
  };

  publish: Host['publish'] = (generations) => {
    const lines = generations.map(({ generation, pid }) => `${generation}:${pid}`);
    this.#note(`status file ${lines.join(' ')}`.trim());
    this.#observer.published?.(generations, this.now());
    this.#called('publish');
  };

  log = (entry: LogEvent): void => {
    this.told.push({ ...entry, atMs: this.now() });
    const line = entry.event === 'internal-error' ? 'internal error' : logLine(entry);
    if (line !== undefined) this.#note(line);
    this.#observer.logged?.(entry, this.now());
    this.#called('log');
  };

  #policyNow(): Policy {
    const { policy = {} } = this.#scenario;
    return { ...EVERYDAY, ...(typeof policy === 'function' ? policy(this.now(), this.#changes) : policy) };
  }

  #note(text: string): void {
    this.transcript.push(`${this.now() / 1000}s ${text}`);
  }

  #called(call: Call): void {
    this.#calls[call]++;
    if (this.#scenario.throws?.(call, this.#calls[call], this.now())) throw new Error(`${call} fails`);
  }

  #checkScript(): CheckScript {
    const { checks = [] } = this.#scenario;
    return typeof checks === 'function' ? checks(this.now()) : (checks[this.#calls.check - 1] ?? {});
  }

  #workerScript(attempt: Attempt): SpawnScript {
    const { workers = [] } = this.#scenario;
    return typeof workers === 'function'
      ? workers(this.now(), attempt)
      : (workers[this.#calls.spawn - 1] ?? lives);
  }

  /** Nobody listens for readiness where it is not asked for; then only a forged message arrives. */
  #live(attempt: Attempt, script: WorkerScript): number {
    const listens = this.#policy.readyTimeoutMs !== undefined;
    return this.#processes.spawn(attempt, {
      ...script,
      ...(!listens && { readyAfterMs: undefined }),
      ...(this.#policy.watchdogMs === undefined && { aliveEveryMs: undefined }),
    });
  }

  #happen(happening: Happening): Event | undefined {
    if ('standsStillMs' in happening) this.#agenda.nowMs += happening.standsStillMs;
    else if ('dies' in happening) this.#processes.die(happening.dies, happening.status);
    else return eventOf(happening, this.#generation, this.#processes);
    return undefined;
  }

  /** A deadline that is due again and again: the real superdaemon would burn its processor and hear nothing. */
  #spins(event: Event): boolean {
    this.#idleTurns = event.kind === 'deadline' && this.now() === this.#turnMs ? this.#idleTurns + 1 : 0;
    this.#turnMs = this.now();
    if (this.#idleTurns === 100) this.#note('spins');
    return this.#idleTurns >= 100;
  }
}
