import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { chaos, failingWhile } from './chaos.ts';
import { publishedGenerations } from './deploy.ts';
import { eventually } from './eventually.ts';
import { lastDeploy } from './last-deploy.ts';
import { type Load, startLoad } from './load.ts';
import { observePool, type PoolObserver, type PoolSize } from './pool-observer.ts';
import type { Target } from './request.ts';
import { expectRightAnswers } from './right-answers.ts';
import { rounds } from './rounds.ts';
import { run } from './run.ts';
import { startSuperdaemon } from './superdaemon.ts';
import { type TempDir, tempDir } from './temp-dir.ts';
import { sessionEnd, sessionProcesses } from './worker-tree.ts';

export interface Trial {
  /** What the superdaemon is given. */
  readonly options: readonly string[];
  readonly command: readonly string[];
  /** Each is under load of its own. */
  readonly targets: readonly Target[];
  /** How many connections a generation may have in its hands at a time, when `clients` ask each target. */
  readonly holds: number;
  readonly kills: boolean;
  /** The command tells when it is ready; deploys are checked, limited and given up. */
  readonly tells?: boolean;
  /** Several workers in a generation, which is scaled, and fails in one slot. */
  readonly pool?: PoolSize;
}

/** Which no scaling takes away. */
const firstSlot = 0;

/** Requests that are under way at a time, for each target. */
export const clients = 4;

/** Constant load in the midst of chaos: only requests in the hands of a killed worker are lost. */
export async function endure(trial: Trial): Promise<void> {
  const { options, command, targets, holds, kills, tells, pool } = trial;
  using dir = tempDir();
  const [statusFile, flag] = [dir.join('status'), dir.join('flag')];
  const readiness = tells
    ? { ...files(dir), client: (killAfterMs?: number) => client(dir, killAfterMs) }
    : undefined;
  const ready = readiness === undefined ? [] : [...limits, `--check=test ! -e ${readiness.refused}`];
  const own = [...options, ...ready, ...sizeOf(pool), `--status-file=${statusFile}`];
  const env = readiness === undefined ? {} : { LATE: readiness.late };
  const args = [...own, '--', ...failingWhile(flag, command)];
  await using superdaemon = startSuperdaemon(args, { cwd: dir.path, env, recorded: true });
  await using _session = sessionEnd(superdaemon.pid);
  await superdaemon.waitForLine('starting new worker');
  await using loads = startLoads(targets);
  await loads.answeredBy(1);
  using observer = pool && (await observePool(superdaemon.pid, dir.join('pid'), pool));

  const slots = pool && { ...pool, slotFlag: `${flag}-${firstSlot}` };
  const killed = await chaos({
    ...{ superdaemon, flag, kills },
    ...(readiness && { readiness }),
    ...(slots && { pool: slots }),
  });
  if (pool !== undefined) await scale(dir, pool);
  const last = await lastDeploy(superdaemon, () => publishedGenerations(statusFile), pool?.workers);
  await loads.answeredBy(last);
  const { requests, losses, cut } = await loads.stop();
  process.stdout.write(`${requests} requests, ${last} generations, ${killed} killed, ${cut} cut off\n`);

  if (observer !== undefined) expectNoViolations(observer);
  expect(losses).toEqual([]);
  expect(cut).toBeLessThanOrEqual(killed * holds);
  expect(requests).toBeGreaterThan(200);
  superdaemon.signal('SIGTERM');
  expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  expect(sessionProcesses(superdaemon.pid)).toEqual([]);
  expectRightAnswers(superdaemon, loads.all);
}

function sizeOf(pool: PoolSize | undefined): string[] {
  if (pool === undefined) return [];
  return [`--workers=${pool.workers}`, `--start-at-once=${pool.startAtOnce}`, '--pid-file=pid'];
}

/** Back to what it was at the start. */
async function scale(dir: TempDir, { workers }: PoolSize): Promise<void> {
  const words = [`--scale=${workers}`, '--quiet', '--pid-file=pid'];
  const { code, stderr } = await run(words, { cwd: dir.path, withinMs: 60_000 });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
}

function expectNoViolations(observer: PoolObserver): void {
  const { violations, events } = observer.seen();
  expect(violations).toEqual([]);
  expect(events).toBeGreaterThan(rounds(100));
}

const limits = [
  '--pid-file=pid',
  '--ready=notify',
  '--ready-timeout=2',
  '--max-start-attempts=2',
  '--backoff=2',
  '--kill-old-timeout=30',
];

const files = (dir: TempDir) => ({ late: dir.join('late'), refused: dir.join('refused') });

/** A client in the midst of it all; whether its deploy is well is not the question here. */
async function client(dir: TempDir, killAfterMs?: number): Promise<void> {
  const words = ['--restart', '--quiet', '--wait-timeout=10', '--pid-file=pid', '--status-file=status'];
  await using superdaemon = startSuperdaemon(words, { cwd: dir.path });
  if (killAfterMs === undefined) await superdaemon.ended(30_000);
  else await Promise.race([superdaemon.exit, delay(killAfterMs)]);
}

function startLoads(targets: readonly Target[]) {
  const loads = targets.map((target) => startLoad({ target, clients, pauseMs: 1 }));
  return {
    all: loads,
    answeredBy: (generation: number) =>
      eventually(() => {
        for (const load of loads) expect([...load.generations().keys()]).toContain(generation);
      }),
    stop: () => stop(loads),
    [Symbol.asyncDispose]: async () => {
      await stop(loads);
    },
  };
}

/**
 * All figures together. What a killed worker held is reset, or, with gunicorn once in twenty trials, never answered: that is told
 * apart from the other losses, which nothing excuses.
 */
async function stop(loads: readonly Load[]) {
  const reports = await Promise.all(loads.map((load) => load.stop()));
  const sum = (key: 'requests' | 'reset' | 'timedOut') =>
    reports.reduce((total, { counts }) => total + counts[key], 0);
  const losses = reports.flatMap((report) =>
    Object.entries(report.losses).filter(([loss]) => !/^(reset|timedOut)/.test(loss)),
  );
  return { requests: sum('requests'), cut: sum('reset') + sum('timedOut'), losses };
}
