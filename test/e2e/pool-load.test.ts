// Whatever happens to a pool of workers under constant load: nobody who asks notices.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { publishedGenerations } from '../support/deploy.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { type KeepAliveLoad, startKeepAliveLoad } from '../support/keep-alive-load.ts';
import { type Load, startLoad } from '../support/load.ts';
import { skipsFixes } from '../support/ours.ts';
import { describePeer } from '../support/peer.ts';
import type { Target } from '../support/request.ts';
import { startRevived } from '../support/revived.ts';
import { run } from '../support/run.ts';
import { tempDir } from '../support/temp-dir.ts';

const from = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const perl = ['perl', from('test/workers/http-perl.pl')];
const node = [process.execPath, from('examples/node-http/server.mjs')];
const uvicorn = [
  'sh',
  '-c',
  'cd "$0" && exec env UVICORN_FD="$(echo "$SERVER_STARTER_PORT" | sed "s/.*=//")" /usr/bin/python3 "$1" asgi_app:app',
  from('test/workers'),
  from('examples/uvicorn/serve.py'),
];

interface Pool {
  readonly command: readonly string[];
  readonly over: readonly ('TCP' | 'Unix')[];
  /** Of connections that are kept alive, too. */
  readonly keepAlive?: boolean;
  /** It tells when it is ready. */
  readonly tells?: boolean;
}

describe.skipIf(skipsFixes).concurrent('4 workers under constant load', { timeout: 120_000 }, () => {
  it('of Node lose nothing over TCP and a Unix socket, with new and kept connections', () =>
    losesNothing({ command: node, over: ['TCP', 'Unix'], keepAlive: true, tells: true }));
  it('of blocking Perl lose nothing over TCP', () => losesNothing({ command: perl, over: ['TCP'] }));
  it('of blocking Perl lose nothing over a Unix socket', () =>
    losesNothing({ command: perl, over: ['Unix'] }));
  describePeer('uvicorn', ['uvicorn'], () => {
    it('as workers lose nothing over TCP', () => losesNothing({ command: uvicorn, over: ['TCP'] }));
  });
});

/** Deploys, a death, scalings, a broken release, two upgrades, and the death of the superdaemon, some of them at once. */
async function losesNothing({ command, over, keepAlive, tells }: Pool): Promise<void> {
  using dir = tempDir();
  const [port, path] = [await freePort(), dir.join('sock')];
  const [statusFile, pidFile, flag] = [dir.join('status'), dir.join('pid'), dir.join('broken')];
  const listener = { TCP: `--port=127.0.0.1:${port}`, Unix: `--path=${path}` };
  const target: Record<'TCP' | 'Unix', Target> = { TCP: { port }, Unix: { path } };
  const ready = tells ? ['--ready=notify'] : ['--interval=1'];
  const files = [`--pid-file=${pidFile}`, `--status-file=${statusFile}`];
  const release = [
    'sh',
    '-c',
    'test ! -e "$0-$SERVER_STARTER_WORKER" || exit 3; exec "$@"',
    flag,
    ...command,
  ];
  const options = [...over.map((each) => listener[each]), ...files, ...ready, '--backoff=1'];
  await using revived = startRevived(['--workers=4', '--start-at-once=4', ...options, '--', ...release]);
  const superdaemon = () => revived.superdaemon();
  const generations = () => publishedGenerations(statusFile);
  const serves = (generation: number, workers = 4) =>
    eventually(() => expect(generations(), superdaemon().log()).toEqual(Array(workers).fill(generation)), {
      withinMs: 40_000,
    });
  const client = async (...words: string[]) => {
    const { code, stderr } = await run([...words, '--quiet', `--pid-file=${pidFile}`], { withinMs: 40_000 });
    return { code, stderr };
  };
  const done = { code: 0, stderr: '' };

  await serves(1);
  await using loads = startLoads(
    over.map((each) => target[each]),
    keepAlive ?? false,
  );
  await loads.answeredBy(1);

  superdaemon().signal('SIGHUP');
  await serves(2);
  // Dies unasked, but answers first what it has in its hands.
  const [victim = 0] = livePids(statusFile);
  process.kill(victim, 'SIGTERM');
  await eventually(() => expect(livePids(statusFile)).not.toContain(victim));
  await serves(2);

  writeFileSync(`${flag}-2`, '');
  superdaemon().signal('SIGHUP');
  await superdaemon().waitForLine('giving up after 3 attempts of worker 2, generation 2 keeps serving');
  rmSync(`${flag}-2`);
  await serves(2);

  expect(await client('--scale=+2')).toEqual(done);
  superdaemon().signal('SIGHUP');
  superdaemon().signal('SIGUSR2');
  expect(await client('--scale=4')).toEqual(done);
  await serves(4);
  expect(await client('--upgrade')).toEqual(done);

  superdaemon().signal('SIGHUP');
  await superdaemon().waitForLine('received HUP');
  await revived.kill();
  const last = await eventually(
    () => {
      const [newest = 0, ...others] = generations();
      expect(newest, superdaemon().log()).toBeGreaterThan(4);
      expect(others).toEqual([newest, newest, newest]);
      return newest;
    },
    { withinMs: 40_000 },
  );
  expect(await client('--restart', `--status-file=${statusFile}`)).toEqual(done);
  await serves(last + 1);
  await loads.answeredBy(last + 1);

  const { requests, losses } = await loads.stop();
  process.stdout.write(`${requests} requests, ${last + 1} generations\n`);
  expect(losses).toEqual([]);
  expect(requests).toBeGreaterThan(200);
  expect(await client('--stop')).toEqual(done);
  expect(revived.processes()).toEqual([]);
}

const livePids = (statusFile: string): number[] =>
  [...readFileSync(statusFile, 'utf8').matchAll(/:(\d+)$/gm)].map(([, pid]) => Number(pid));

function startLoads(targets: readonly Target[], keepAlive: boolean) {
  const fresh: Load[] = targets.map((target) =>
    startLoad({ target, clients: 3, pauseMs: 3, timeoutMs: 20_000 }),
  );
  const kept: KeepAliveLoad[] = keepAlive ? targets.map((target) => startKeepAliveLoad(target, 2)) : [];
  const stop = async () => {
    const [ended, keptEnded] = [
      await Promise.all(fresh.map((load) => load.stop())),
      await Promise.all(kept.map((load) => load.stop())),
    ];
    return {
      requests: [
        ...ended.map(({ counts }) => counts.requests),
        ...keptEnded.map((each) => each.requests),
      ].reduce((sum, each) => sum + each),
      losses: [
        ...ended.flatMap(({ losses }) => Object.entries(losses)),
        ...keptEnded.flatMap((each) => each.losses),
      ],
    };
  };
  return {
    answeredBy: (generation: number) =>
      eventually(() => {
        for (const load of [...fresh, ...kept]) expect([...load.generations().keys()]).toContain(generation);
      }),
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
}
