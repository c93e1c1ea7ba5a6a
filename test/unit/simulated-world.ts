// What lives and passes in the simulated host: the virtual clock with all that is yet to happen, and the processes.

import type { Attempt, Event, LiveGeneration, Signal } from '../../src/superdaemon/host.ts';
import type { Happening, Scenario, Which, WorkerScript } from './scenario.ts';

interface Entry {
  readonly atMs: number;
  readonly take: () => Event | undefined;
}

interface Process extends LiveGeneration {
  readonly attempt: number;
  readonly goesAfterMs: number;
  readonly diesLateMs: number;
  readonly bornMs: number;
  readonly leaksBytes: number;
  readonly treeGoesAfterMs: number | undefined;
  /** Nobody learns how one ends that was another's child. */
  readonly isOurs: boolean;
}

type Life = { readonly [Key in keyof WorkerScript]: WorkerScript[Key] | undefined };

export class Agenda {
  nowMs = 0;
  readonly #entries: Entry[] = [];

  /** After all that happens at the same time. */
  plan(atMs: number, take: Entry['take']): void {
    if (atMs === Number.POSITIVE_INFINITY) return;
    const later = this.#entries.findIndex((entry) => entry.atMs > atMs);
    this.#entries.splice(later === -1 ? this.#entries.length : later, 0, { atMs, take });
  }

  /** undefined: nothing will ever happen again. */
  next(deadline: number): Event | undefined {
    for (;;) {
      const entry = this.#entries[0];
      if (entry === undefined || entry.atMs > Math.max(deadline, this.nowMs)) break;
      this.#entries.shift();
      this.nowMs = Math.max(this.nowMs, entry.atMs);
      const event = entry.take();
      if (event !== undefined) return event;
    }
    if (deadline === Number.POSITIVE_INFINITY) return undefined;
    this.nowMs = Math.max(this.nowMs, deadline);
    return { kind: 'deadline' };
  }
}

export class Processes {
  readonly #agenda: Agenda;
  readonly #reusesPids: Scenario['reusesPids'];
  /** Those whose death has not been reported. */
  readonly #live = new Set<Process>();
  /** What those have left that have ended. */
  readonly #trees = new Set<Process>();
  /** The last one of each generation. */
  readonly #attempts = new Map<number, number>();

  constructor(agenda: Agenda, reusesPids: Scenario['reusesPids']) {
    this.#agenda = agenda;
    this.#reusesPids = reusesPids;
  }

  spawn({ generation, attempt, place }: Attempt, life: Life, isOurs = true): number {
    const { diesAfterMs = Number.POSITIVE_INFINITY, status = 0, goesAfterMs = 0, diesLateMs = 0 } = life;
    const { readyAfterMs = Number.POSITIVE_INFINITY, treeGoesAfterMs } = life;
    const pid = this.#freePid(place === undefined ? generation : attempt);
    const process: Process = {
      ...{ generation, worker: place?.worker, attempt, pid },
      ...{ goesAfterMs, diesLateMs, isOurs },
      ...{ bornMs: this.#agenda.nowMs, leaksBytes: life.leaksBytes ?? 0 },
      // Two with the same name nobody could tell apart.
      treeGoesAfterMs: this.#treeOf(pid) === undefined ? treeGoesAfterMs : undefined,
    };
    this.#live.add(process);
    if (isOurs) this.#attempts.set(generation, attempt);
    this.#planDeath(process, diesAfterMs, status);
    this.#agenda.plan(this.#agenda.nowMs + readyAfterMs, () =>
      this.#live.has(process) ? { kind: 'ready', attempt } : undefined,
    );
    this.#planBeat(process, life, this.#agenda.nowMs);
    this.#agenda.plan(this.#agenda.nowMs + (life.asksAfterMs ?? Number.POSITIVE_INFINITY), () =>
      this.#live.has(process) ? { kind: 'replace', attempt } : undefined,
    );
    return process.pid;
  }

  #planBeat(process: Process, life: Life, bornMs: number): void {
    const { aliveEveryMs = Number.POSITIVE_INFINITY, hangsAfterMs = Number.POSITIVE_INFINITY } = life;
    this.#agenda.plan(this.#agenda.nowMs + aliveEveryMs, () => {
      if (!this.#live.has(process) || this.#agenda.nowMs - bornMs >= hangsAfterMs) return undefined;
      this.#planBeat(process, life, bornMs);
      return { kind: 'alive', attempt: process.attempt };
    });
  }

  memoryOf(pid: number): number | undefined {
    const process = [...this.#live].find((each) => each.pid === pid);
    return process && Math.round(((this.#agenda.nowMs - process.bornMs) / 1000) * process.leaksBytes);
  }

  signal(pid: number, signal: Signal): void {
    const process = [...this.#live].find((each) => each.pid === pid);
    if (process === undefined) return;
    if (signal === 'SIGKILL') this.#planDeath(process, process.diesLateMs, 9);
    else this.#planDeath(process, process.goesAfterMs, 0);
  }

  signalTree(pid: number, signal: Signal): void {
    const tree = this.#treeOf(pid);
    if (tree === undefined) return;
    this.#planEnd(tree, signal === 'SIGKILL' ? tree.diesLateMs : (tree.treeGoesAfterMs ?? 0));
  }

  #treeOf(pid: number): Process | undefined {
    return [...this.#trees].find((each) => each.pid === pid);
  }

  #planEnd(tree: Process, afterMs: number): void {
    this.#agenda.plan(this.#agenda.nowMs + afterMs, () =>
      this.#trees.delete(tree) ? { kind: 'tree-ended', pid: tree.pid } : undefined,
    );
  }

  die(dies: Victim, status: number): void {
    if (dies === 'all') for (const tree of this.#trees) this.#planEnd(tree, 0);
    for (const process of this.#victims(dies)) this.#planDeath(process, 0, status);
  }

  #victims(dies: Victim): readonly Process[] {
    const live = [...this.#live];
    if (dies === 'all') return live;
    if (typeof dies === 'object') return live.filter(({ pid }) => pid === dies.pid);
    const victim = dies < 0 ? live.at(dies) : live.find(({ generation }) => generation === dies);
    return victim === undefined ? [] : [victim];
  }

  #planDeath(process: Process, afterMs: number, status: number): void {
    this.#agenda.plan(this.#agenda.nowMs + afterMs, () => {
      if (!this.#live.delete(process)) return undefined;
      const death = { kind: 'death', pid: process.pid, status: process.isOurs ? status : undefined } as const;
      if (process.treeGoesAfterMs === undefined) return death;
      this.#trees.add(process);
      return { ...death, left: [process.pid + LEFT] };
    });
  }

  /** NaN: nobody's. */
  attemptOf(generation: number): number {
    return this.#attempts.get(generation) ?? Number.NaN;
  }

  #freePid(number: number): number {
    if (!this.#reusesPids) return 100 + number;
    const trees = this.#reusesPids === true ? this.#trees : [];
    const taken = new Set([...this.#live, ...trees].map(({ pid }) => pid));
    let pid = 101;
    while (taken.has(pid)) pid++;
    return pid;
  }
}

/** From the pid of a worker to that of what it leaves. */
const LEFT = 10_000;

type Victim = Extract<Happening, { readonly dies: unknown }>['dies'];
type Heard = Exclude<Happening, { readonly standsStillMs: number } | { readonly dies: Victim }>;

/** What the superdaemon hears of it; `newest` is the last generation number given out. */
export function eventOf(heard: Heard, newest: number, processes: Processes): Event {
  const number = (which: Which) => (typeof which === 'number' ? which : newest + which.newest);
  if ('signal' in heard) return { kind: 'signal', signal: heard.signal };
  if ('request' in heard) return { kind: 'request', request: heard.request };
  if ('reconfigure' in heard)
    return { kind: 'reconfigure', request: heard.reconfigure, words: ['new'], directory: '/' };
  if ('forsaken' in heard) return { kind: 'forsaken' };
  if ('cancel' in heard) return { kind: 'cancel', request: heard.cancel };
  if ('scale' in heard) return { kind: 'scale', request: heard.number, scaling: heard.scale };
  if ('ready' in heard) return { kind: 'ready', attempt: processes.attemptOf(number(heard.ready)) };
  return { kind: 'checked', generation: number(heard.checked), refusal: heard.refusal };
}
