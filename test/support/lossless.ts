import { existsSync } from 'node:fs';
import { expect } from 'vitest';
import { deploy, serves } from './deploy.ts';
import { startLoad } from './load.ts';
import { expectNothingLost } from './nothing-lost.ts';
import type { Target } from './request.ts';
import { expectRightAnswers } from './right-answers.ts';
import { rounds } from './rounds.ts';
import { startSuperdaemon } from './superdaemon.ts';
import type { LoadReport } from './tally.ts';
import { tempDir } from './temp-dir.ts';

export interface Service {
  readonly options: readonly string[];
  readonly command: readonly string[];
  readonly targets: readonly Target[];
  readonly deploys?: number;
}

/** How many requests are under way at each target. */
export const CLIENTS = 4;
const DEPLOYS = rounds(6);

/** Deploys a server under constant load at each of its sockets: nothing is lost. */
export async function expectLosslessDeploys(service: Service): Promise<void> {
  const generations = (service.deploys ?? DEPLOYS) + 1;
  for (const report of await deployUnderLoad(service)) expectNothingLost(report, generations);
}

/** What became of the requests at each target. No socket file goes before the end, nothing is left behind at the end. */
export async function deployUnderLoad(service: Service): Promise<LoadReport[]> {
  const { options, command, targets, deploys = DEPLOYS } = service;
  using dir = tempDir();
  const statusFile = dir.join('status');
  const args = ['--interval=1', ...options, `--status-file=${statusFile}`, '--', ...command];
  await using superdaemon = startSuperdaemon(args, { cwd: dir.path, recorded: true });
  await superdaemon.waitForLine('starting new worker');
  await using loads = startLoads(targets);
  const deployment = { superdaemon, statusFile, loads: loads.all };
  await serves(deployment, 1);
  for (let count = 0; count < deploys; count += 1) await deploy(deployment);
  const reports = await loads.stop();

  const paths = targets.flatMap((target) => ('path' in target ? [target.path] : []));
  expect(paths.filter(existsSync)).toEqual(paths);
  superdaemon.signal('SIGTERM');
  expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  expect([superdaemon.processes(), paths.filter(existsSync)]).toEqual([[], []]);
  expect(superdaemon.log()).not.toContain('behind');
  expectRightAnswers(superdaemon, loads.all);
  return reports;
}

function startLoads(targets: readonly Target[]) {
  const all = targets.map((target) => startLoad({ target, clients: CLIENTS, pauseMs: 2, timeoutMs: 20_000 }));
  const stop = () => Promise.all(all.map((load) => load.stop()));
  return {
    all,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}
