import { describe, expect, it } from 'vitest';
import { deploy, serves } from '../support/deploy.ts';
import { startExample } from '../support/example.ts';
import { freePort } from '../support/free-port.ts';
import { type Load, startLoad } from '../support/load.ts';
import { expectNothingLost } from '../support/nothing-lost.ts';
import { describePeer } from '../support/peer.ts';
import { expectRightAnswers } from '../support/right-answers.ts';
import { tempDir } from '../support/temp-dir.ts';
import { sessionEnd, sessionProcesses } from '../support/worker-tree.ts';

interface Example {
  /** Its folder in examples/. */
  readonly name: string;
  /** The command that has to be installed. */
  readonly needs: string;
  /** What it listens on; Net::Server::SS::PreFork, which starman uses, knows TCP alone. */
  readonly over: readonly ('TCP' | 'a Unix socket')[];
}

const both = ['TCP', 'a Unix socket'] as const;
const examples: readonly Example[] = [
  { name: 'node-http', needs: 'node', over: both },
  { name: 'node-express', needs: 'node', over: ['TCP'] },
  { name: 'starman', needs: 'starman', over: ['TCP'] },
  { name: 'starlet', needs: 'plackup', over: both },
  { name: 'h2o', needs: 'h2o', over: both },
  { name: 'go', needs: 'go', over: both },
  { name: 'python', needs: 'python3', over: both },
  { name: 'gunicorn', needs: 'gunicorn', over: both },
  { name: 'puma', needs: 'puma', over: both },
  { name: 'uvicorn', needs: 'uvicorn', over: ['TCP'] },
  { name: 'nginx', needs: 'nginx', over: both },
  { name: 'shell', needs: 'gunicorn', over: ['TCP'] },
  { name: 'pool-node', needs: 'node', over: ['TCP'] },
  { name: 'pool-uvicorn', needs: 'uvicorn', over: ['TCP'] },
  { name: 'pool-ruby', needs: 'puma', over: both },
];

const deploys = 3;

describe.concurrent('an example under constant load', () => {
  for (const example of examples) {
    describePeer(example.name, [example.needs], () => {
      it(`loses nothing in ${deploys} deploys over ${example.over.join(' and ')}`, () =>
        losesNothing(example));
    });
  }
});

async function losesNothing({ name, over }: Example): Promise<void> {
  using dir = tempDir();
  const [port, path, statusFile] = [await freePort(), dir.join('sock'), dir.join('status')];
  const listeners = { TCP: `--port=127.0.0.1:${port}`, 'a Unix socket': `--path=${path}` };
  const targets = { TCP: { port }, 'a Unix socket': { path } };
  const options = [...over.map((each) => listeners[each]), `--status-file=${statusFile}`];
  await using superdaemon = startExample(name, options);
  await using _session = sessionEnd(superdaemon.pid);
  await superdaemon.waitForLine('starting new worker');
  const loads = over.map((each) => startLoad({ target: targets[each], pauseMs: 2 }));
  await using _loads = { [Symbol.asyncDispose]: () => stop(loads) };
  const deployment = { superdaemon, statusFile, loads };

  await serves(deployment, 1);
  for (let count = 0; count < deploys; count += 1) await deploy(deployment);
  for (const load of loads) expectNothingLost(await load.stop(), deploys + 1);

  superdaemon.signal('SIGTERM');
  expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  expect(sessionProcesses(superdaemon.pid)).toEqual([]);
  expectRightAnswers(superdaemon, loads);
}

async function stop(loads: readonly Load[]): Promise<void> {
  await Promise.all(loads.map((load) => load.stop()));
}
