// What becomes of a pool of workers, a line an event: `5s start 2/0` is the worker in slot 0 of generation 2.

import type { LogEvent, RolledSoFar } from '../../src/superdaemon/log-event.ts';
import { lives, type Scenario, type SpawnScript, type WorkerScript } from './scenario.ts';
import { type Simulation, simulate } from './simulated-host.ts';

export interface PoolSimulation extends Simulation {
  readonly story: readonly string[];
}

/** Four workers, two of them starting at a time, a deploy given up after three attempts of one. */
export const POOL = { workers: 4, startAtOnce: 2, maxStartAttempts: 3 } as const;

export async function pool(scenario: Scenario): Promise<PoolSimulation> {
  const { policy = {}, ...rest } = scenario;
  const simulation = await simulate({
    ...rest,
    policy: typeof policy === 'function' ? (now) => ({ ...POOL, ...policy(now, 0) }) : { ...POOL, ...policy },
  });
  const story = simulation.told.flatMap((entry) => {
    const line = lineOf(entry);
    return line === undefined ? [] : [`${entry.atMs / 1000}s ${line}`];
  });
  return { ...simulation, story };
}

/** How the attempts in one slot of one generation go, in their order; all others live. */
export function inSlot(
  generation: number,
  worker: number,
  scripts: readonly SpawnScript[],
  otherwise = lives,
) {
  let nth = 0;
  let newest = 0;
  return (
    _nowMs: number,
    attempt: { generation: number; attempt: number; place: { worker: number } | undefined },
  ): SpawnScript => {
    // Another simulation has begun.
    if (attempt.attempt <= newest) nth = 0;
    newest = attempt.attempt;
    if (attempt.generation !== generation || attempt.place?.worker !== worker) return otherwise;
    return scripts[nth++] ?? otherwise;
  };
}

/** From then on. */
export function since(story: readonly string[], atMs: number): string[] {
  return story.filter((line) => Number.parseFloat(line) >= atMs / 1000);
}

/** The workers that have started and were not told to go, before a moment. */
export function servingAt({ told }: Simulation, atMs: number): string[] {
  const serving = new Map<number, string>();
  for (const entry of told.filter((each) => each.atMs < atMs)) {
    if (entry.event === 'worker-started') serving.set(entry.pid, name(entry));
    if (entry.event === 'worker-signalled' || entry.event === 'worker-died') serving.delete(entry.pid);
  }
  return [...serving.values()].sort();
}

export const fails: WorkerScript = { diesAfterMs: 100, status: 256 };
export const failing = (times: number): SpawnScript[] => Array.from({ length: times }, () => fails);

function lineOf(entry: LogEvent): string | undefined {
  switch (entry.event) {
    case 'worker-starting':
      return `start ${name(entry)}`;
    case 'worker-failed-to-start':
    case 'worker-late':
      return `failed ${name(entry)}`;
    case 'spawn-failed':
      return `not spawned ${entry.generation}/${entry.worker}`;
    case 'worker-started':
      return `started ${name(entry)}`;
    case 'worker-signalled':
      return `${entry.signal} → ${name(entry)}`;
    case 'worker-died':
      return `died ${name(entry)} ${entry.role}`;
    case 'deployed':
      return `deployed ${entry.deploy ?? 'by itself'}`;
    case 'given-up':
      return `given up ${entry.deploy}: worker ${entry.worker}, ${entry.keeps} keeps${rolledText(entry.rolled)}`;
    case 'check-refused':
      return `refused ${entry.deploy}`;
    case 'slot-rolled':
      return `rolled ${name(entry)}`;
    case 'canary-started':
      return `canary ${name(entry)}`;
    case 'canary-passed':
      return `passed ${name(entry)}`;
    case 'canary-skipped':
      return `skipped ${name(entry)}`;
    case 'canary-refused':
      return `refused ${entry.deploy}: ${entry.reason}, ${entry.keeps} keeps`;
    case 'checking':
      return `check ${entry.generation}`;
    case 'scaled':
      return `scaled ${entry.from} to ${entry.to}`;
    case 'all-started':
      return `all ${entry.workers} of ${entry.generation}`;
    case 'worker-keeps-failing':
      return `keeps failing ${entry.generation}/${entry.worker}`;
    case 'start-given-up':
      return `start given up: worker ${entry.worker}`;
    case 'socket-rebound':
      return `alone ${name(entry)}`;
    case 'hup':
      return `hup ${entry.deploy}`;
    default:
      return undefined;
  }
}

function rolledText(rolled: RolledSoFar | undefined): string {
  return rolled === undefined ? '' : ` all but ${rolled.workers} of ${rolled.of}`;
}

function name({
  generation,
  worker,
}: {
  readonly generation: number;
  readonly worker?: number | undefined;
}): string {
  return `${generation}/${worker}`;
}
