import { expect } from 'vitest';
import { deploy, serves } from './deploy.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { startKeepAliveLoad } from './keep-alive-load.ts';
import { startLoad } from './load.ts';
import { expectNothingLost } from './nothing-lost.ts';
import { expectRightAnswers } from './right-answers.ts';
import { rounds } from './rounds.ts';
import { startSuperdaemon } from './superdaemon.ts';
import { tempDir } from './temp-dir.ts';

export interface Deployed {
  readonly options: readonly string[];
  readonly command: readonly string[];
  readonly transport?: 'TCP' | 'Unix';
  /** Where the superdaemon is started. */
  readonly cwd?: string;
  readonly deploys?: number;
  /** How many workers share the socket. */
  readonly workers?: number;
}

const clients = 4;
export const DEPLOYS = rounds(5);

/**
 * Deploys a server while clients come with new connections and others stay on theirs: nothing is lost, no client holds the
 * old generation, and a stop leaves nothing behind.
 */
export async function expectLosesNothing(deployed: Deployed): Promise<void> {
  const { options, command, transport = 'TCP', cwd, deploys = DEPLOYS, workers = 1 } = deployed;
  using dir = tempDir();
  const [port, path, statusFile] = [await freePort(), dir.join('sock'), dir.join('status')];
  const target = transport === 'TCP' ? { port } : { path };
  const listener = transport === 'TCP' ? `--port=127.0.0.1:${port}` : `--path=${path}`;
  const args = [listener, `--status-file=${statusFile}`, ...options, '--', ...command];
  await using superdaemon = startSuperdaemon(args, { cwd: cwd ?? dir.path, recorded: true });
  await superdaemon.waitForLine('starting new worker');
  await using load = startLoad({ target, pauseMs: 2 });
  await using kept = startKeepAliveLoad(target, clients, 2);
  const deployment = { superdaemon, statusFile, loads: [load] };

  await serves(deployment, 1);
  for (let generation = 1; generation <= deploys; generation += 1) {
    await eventually(() => expect(kept.generations()).toContain(generation));
    await deploy(deployment);
  }
  await eventually(() => expect(kept.generations()).toContain(deploys + 1));
  expectNothingLost(await load.stop(), deploys + 1);
  const { losses, requests, connections } = await kept.stop();
  expect(losses).toEqual([]);
  // A connection for each client and generation, and not for each request; from each of its workers, as they go.
  expect(connections).toBeLessThanOrEqual(clients * (deploys * workers + 1));
  expect(requests).toBeGreaterThan(connections);
  superdaemon.signal('SIGTERM');
  expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  expect(superdaemon.processes()).toEqual([]);
  expect(superdaemon.log()).not.toContain('behind');
  expectRightAnswers(superdaemon, [load, kept]);
}
