import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { deploy, serves } from '../support/deploy.ts';
import { freePort } from '../support/free-port.ts';
import { startLoad } from '../support/load.ts';
import { expectNothingLost } from '../support/nothing-lost.ts';
import { expectRightAnswers } from '../support/right-answers.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';

type Transport = 'TCP' | 'Unix';

const deploys = 20;
const file = (name: string) => fileURLToPath(new URL(`../workers/${name}`, import.meta.url));
const perl = ['perl', file('http-perl.pl')];
const node = [process.execPath, file('http-node.mjs')];

// Side by side: nearly all of their time is the interval.
describe.concurrent('constant load, a new connection for every request', () => {
  it('loses nothing in 20 deploys of a blocking Perl worker over TCP', () => losesNothing(perl, 'TCP'));
  it('loses nothing in 20 deploys of a blocking Perl worker over a Unix socket', () =>
    losesNothing(perl, 'Unix'));
  it('loses nothing in 20 deploys of a Node worker over TCP', () => losesNothing(node, 'TCP'));
  it('loses nothing in 20 deploys of a Node worker over a Unix socket', () => losesNothing(node, 'Unix'));
});

async function losesNothing(worker: readonly string[], transport: Transport): Promise<void> {
  using dir = tempDir();
  const { option, target } = await listenerFor(transport, dir.join('load.sock'));
  const statusFile = dir.join('status');
  const args = [option, `--status-file=${statusFile}`, '--', ...worker];
  await using superdaemon = startSuperdaemon(args, { recorded: true });
  await superdaemon.waitForLine('starting new worker');
  await using load = startLoad({ target, pauseMs: 2 });
  const deployment = { superdaemon, statusFile, loads: [load] };

  await serves(deployment, 1);
  for (let count = 0; count < deploys; count += 1) await deploy(deployment);
  expectNothingLost(await load.stop(), deploys + 1);

  superdaemon.signal('SIGTERM');
  expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  expect(superdaemon.processes()).toEqual([]);
  expectRightAnswers(superdaemon, [load]);
}

async function listenerFor(transport: Transport, path: string) {
  if (transport === 'Unix') return { option: `--path=${path}`, target: { path } };
  const port = await freePort();
  return { option: `--port=127.0.0.1:${port}`, target: { port } };
}
