// A world for the superdaemon on a virtual clock: scripted workers, scripted events, and a transcript of what an
// observer sees. Anything that happens by itself is an entry of the agenda; time passes only in nextEvent.

import type { Event, Host, LiveGeneration, Spawned } from '../../src/superdaemon/host.ts';
import { logLine } from '../../src/superdaemon/log-event.ts';
import type { Outcome } from '../../src/superdaemon/state.ts';
import { superdaemon } from '../../src/superdaemon/superdaemon.ts';
import { type Call, EVERYDAY, type Happening, lives, type Scenario } from './scenario.ts';

const A_DAY_MS = 86_400_000;

export interface Simulation {
  /** `SECONDSs WHAT` each: log lines, `SIGNAL → PID`, `status file GENERATION:PID …`. */
  readonly transcript: readonly string[];
  /** undefined: it ran on, with nothing left to happen. */
  readonly outcome: Outcome | undefined;
  readonly events: number;
}

interface Entry {
  readonly atMs: number;
  readonly take: () => Event | undefined;
}

interface Process extends LiveGeneration {
  readonly goesAfterMs: number;
}

export async function simulate(scenario: Scenario): Promise<Simulation> {
  const { workers = [], spawnTakesMs = 0, untilMs = A_DAY_MS, observer = {} } = scenario;
  const transcript: string[] = [];
  /** Those whose death has not been reported. */
  const processes = new Set<Process>();
  const agenda: Entry[] = [];
  const calls = { policy: 0, spawn: 0, signal: 0, publish: 0, log: 0 };
  let nowMs = 0;
  let events = 0;
  let idleTurns = 0;
  let turnMs = 0;
  let over = () => {};
  const end = new Promise<undefined>((resolve) => {
    over = () => resolve(undefined);
  });

  const note = (text: string) => transcript.push(`${nowMs / 1000}s ${text}`);
  const called = (call: Call) => {
    calls[call]++;
    if (scenario.throws?.(call, calls[call], nowMs)) throw new Error(`${call} fails`);
  };
  const plan = (entry: Entry) => {
    const later = agenda.findIndex(({ atMs }) => atMs > entry.atMs);
    agenda.splice(later === -1 ? agenda.length : later, 0, entry);
  };
  const planDeath = (process: Process, afterMs: number, status: number) => {
    if (afterMs === Number.POSITIVE_INFINITY) return;
    plan({
      atMs: nowMs + afterMs,
      take: () => {
        if (!processes.delete(process)) return undefined;
        return { kind: 'death', pid: process.pid, status };
      },
    });
  };
  const victims = (dies: number | 'all'): readonly Process[] => {
    const live = [...processes];
    if (dies === 'all') return live;
    const victim = dies < 0 ? live.at(dies) : live.find(({ generation }) => generation === dies);
    return victim === undefined ? [] : [victim];
  };
  const freePid = (generation: number): number => {
    if (!scenario.reusesPids) return 100 + generation;
    const taken = new Set(Array.from(processes, ({ pid }) => pid));
    let pid = 101;
    while (taken.has(pid)) pid++;
    return pid;
  };
  const happen = (happening: Happening): Event | undefined => {
    if ('signal' in happening) return { kind: 'signal', signal: happening.signal };
    if ('standsStillMs' in happening) nowMs += happening.standsStillMs;
    else for (const process of victims(happening.dies)) planDeath(process, 0, happening.status);
    return undefined;
  };
  for (const happening of scenario.happenings ?? []) {
    plan({ atMs: happening.atMs, take: () => happen(happening) });
  }

  const nextDue = (deadline: number): Event | undefined => {
    for (;;) {
      const entry = agenda[0];
      if (entry === undefined || entry.atMs > Math.max(deadline, nowMs)) break;
      agenda.shift();
      nowMs = Math.max(nowMs, entry.atMs);
      const event = entry.take();
      if (event !== undefined) return event;
    }
    if (deadline === Number.POSITIVE_INFINITY) return undefined;
    nowMs = Math.max(nowMs, deadline);
    return { kind: 'deadline' };
  };

  /** A deadline that is due again and again: the real superdaemon would burn its processor and hear nothing. */
  const spins = (event: Event) => {
    idleTurns = event.kind === 'deadline' && nowMs === turnMs ? idleTurns + 1 : 0;
    turnMs = nowMs;
    if (idleTurns === 100) note('spins');
    return idleTurns >= 100;
  };

  const host: Host = {
    now: () => nowMs,
    nextEvent: (deadline) => {
      observer.waiting?.(deadline, nowMs);
      const event = nextDue(deadline);
      if (event === undefined || nowMs > untilMs || spins(event) || scenario.enough?.()) {
        over();
        return new Promise(() => {});
      }
      events++;
      observer.event?.(event, nowMs);
      return Promise.resolve(event);
    },
    policy: () => {
      const { policy = {} } = scenario;
      const current = { ...EVERYDAY, ...(typeof policy === 'function' ? policy(nowMs) : policy) };
      called('policy');
      observer.policy?.(current);
      return current;
    },
    spawn: (generation): Spawned => {
      observer.spawning?.(generation, nowMs);
      called('spawn');
      const script = typeof workers === 'function' ? workers(nowMs) : (workers[calls.spawn - 1] ?? lives);
      nowMs += spawnTakesMs;
      if ('fails' in script) {
        observer.spawned?.(generation, undefined, nowMs);
        return { kind: 'failed', reason: script.fails };
      }
      const { diesAfterMs = Number.POSITIVE_INFINITY, status = 0, goesAfterMs = 0 } = script;
      const process: Process = { generation, pid: freePid(generation), goesAfterMs };
      processes.add(process);
      planDeath(process, diesAfterMs, status);
      observer.spawned?.(generation, process.pid, nowMs);
      return { kind: 'spawned', pid: process.pid };
    },
    signal: (pid, signal) => {
      note(`${signal} → ${pid}`);
      observer.signalled?.(pid, signal, nowMs);
      called('signal');
      const process = [...processes].find((each) => each.pid === pid);
      if (process === undefined) return;
      if (signal === 'SIGKILL') planDeath(process, 0, 9);
      else planDeath(process, process.goesAfterMs, 0);
    },
    publish: (generations) => {
      note(
        `status file ${generations.map(({ generation, pid }) => `${generation}:${pid}`).join(' ')}`.trim(),
      );
      observer.published?.(generations, nowMs);
      called('publish');
    },
    log: (entry) => {
      note(entry.event === 'internal-error' ? 'internal error' : logLine(entry));
      observer.logged?.(entry, nowMs);
      called('log');
    },
  };
  const outcome = await Promise.race([superdaemon(host), end]);
  return { transcript, outcome, events };
}
