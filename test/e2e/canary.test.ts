// --canary: a release that fails only once it serves costs what its one worker was given, and nobody old is touched.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { serves } from '../support/deploy.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { startLoad } from '../support/load.ts';
import { describeOurs } from '../support/ours.ts';
import { expectRightAnswers } from '../support/right-answers.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const CLIENTS = 4;
const files = ['--pid-file=pid', '--status-file=status'];
const httpNode = [process.execPath, fileURLToPath(new URL('../workers/http-node.mjs', import.meta.url))];
/** Once the file `crash` is there, it dies after it has answered for a while: when `now` is there, too. */
const crashing = 'test ! -e crash || (while test ! -e now; do sleep 0.05; done; kill -9 $$) & exec "$@"';
const release = ['--', 'sh', '-c', crashing, 'sh', ...httpNode];
const check =
  'echo "$SERVER_STARTER_GENERATION $WORKER_PID" >&2; test ! -e refused || { echo too slow >&2; exit 3; }';

const status = (dir: TempDir) => readFileSync(dir.join('status'), 'utf8');
const restart = (dir: TempDir) => run(['--restart', ...files], { cwd: dir.path, withinMs: 40_000 });
const report = async (dir: TempDir) => {
  const { stdout } = await run(['--status', '--json', ...files], { cwd: dir.path });
  return JSON.parse(stdout).workers;
};

describeOurs.concurrent('--canary', () => {
  it.each([
    ['one worker', [], 1],
    ['4 workers', ['--workers=4', '--start-at-once=4'], 4],
  ] as const)('under load, with %s: no old one is touched by a release that crashes, or is refused', async (_what, pool, count) => {
    using dir = tempDir();
    const port = await freePort();
    const canary = ['--canary=3', `--canary-check=${check}`];
    const args = [`--port=127.0.0.1:${port}`, '--ready=notify', ...pool, ...canary, ...files, ...release];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path, recorded: true });
    await eventually(() => expect(status(dir).match(/^1:/gm)).toHaveLength(count));
    const old = status(dir);
    await using load = startLoad({ target: { port }, clients: CLIENTS, pauseMs: 2 });
    await eventually(() => expect(load.generations().has(1)).toBe(true));

    writeFileSync(dir.join('crash'), '');
    const crashed = restart(dir);
    await superdaemon.waitForLine(/is the canary of generation 2/);
    await eventually(() => expect(load.generations().has(2)).toBe(true));
    expect(status(dir).trimEnd().split('\n')).toHaveLength(count + 1);
    writeFileSync(dir.join('now'), '');
    expect(await crashed).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /deploy failed: canary \d+ was ended by SIGKILL; generation 1 keeps serving, untouched\n$/,
      ),
    });
    await eventually(() => expect(status(dir)).toBe(old));
    for (const name of ['crash', 'now']) rmSync(dir.join(name));

    writeFileSync(dir.join('refused'), '');
    expect(await restart(dir)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /deploy failed: canary check exited with status 3: too slow; generation 1 keeps serving, untouched\n$/,
      ),
    });
    await eventually(() => expect(status(dir)).toBe(old));
    rmSync(dir.join('refused'));
    expect(superdaemon.log()).not.toMatch(/killing old workers/);

    expect(await restart(dir)).toMatchObject({ code: 0 });
    await serves({ superdaemon, statusFile: dir.join('status'), loads: [load] }, 4);
    expect(superdaemon.log()).toMatch(/^check: 4 \d+$/m);
    const { losses, counts } = await load.stop();
    // What the crashed canary had in its hands; a client has one request at a time.
    const lost = Object.values(losses).reduce((sum, each) => sum + each, 0);
    expect(lost, JSON.stringify(losses)).toBeLessThanOrEqual(CLIENTS);
    expect(counts.ok).toBeGreaterThan(CLIENTS * 10);
    expectRightAnswers(superdaemon, [load]);
  });

  it('is a role of its own in --status, and goes on at once when nobody old is left', async () => {
    using dir = tempDir();
    await using superdaemon = startSuperdaemon(
      ['--interval=0', '--canary=1000', ...files, '--', 'sleep', '1000'],
      {
        cwd: dir.path,
      },
    );
    await eventually(() => status(dir));
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(/^worker \d+ is the canary of generation 2, judged in 1000 secs$/);
    expect(await report(dir)).toMatchObject([
      { generation: 1, role: 'current' },
      { generation: 2, role: 'canary' },
    ]);
    const [{ pid }] = await report(dir);
    process.kill(pid, 'SIGKILL');
    await superdaemon.waitForLine('no old worker serves any more, the deploy of generation 2 goes on');
    await eventually(async () =>
      expect(await report(dir)).toMatchObject([{ generation: 2, role: 'current' }]),
    );
  });

  it('that stops answering fails the deploy by --watchdog, and goes though it hears no signal', async () => {
    using dir = tempDir();
    const speaks = ['/usr/bin/python3', fileURLToPath(new URL('../workers/hangs.py', import.meta.url))];
    const options = ['--port=127.0.0.1:0', '--watchdog=2', '--canary=1000', ...files];
    await using superdaemon = startSuperdaemon([...options, '--', ...speaks], { cwd: dir.path });
    await eventually(() => expect(status(dir)).toMatch(/^1:\d+\n$/));
    const old = status(dir);
    const deploy = restart(dir);
    const line = await superdaemon.waitForLine(/is the canary of generation 2/);
    const canary = Number(/worker (\d+) is the canary/.exec(line)?.[1]);
    process.kill(canary, 'SIGSTOP');
    expect(await deploy).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /deploy failed: canary \d+ was silent for [\d.]+ secs; generation 1 keeps serving, untouched\n$/,
      ),
    });
    await superdaemon.waitForLine(`new worker ${canary} died, status:9`);
    await eventually(() => expect(status(dir)).toBe(old));
    expect(superdaemon.log()).not.toMatch(/killing old workers/);
  });

  it('is abandoned by HUP, called off by a client, and ended by TERM at once', async () => {
    using dir = tempDir();
    const options = ['--interval=0', '--canary=0.2', '--canary-check=sleep 1000', '--workers=2', ...files];
    await using superdaemon = startSuperdaemon([...options, '--', 'sleep', '1000'], { cwd: dir.path });
    await superdaemon.waitForLine('all 2 workers of generation 1 have started');
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(/^checking the canary/);
    const after = superdaemon.log().length;
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(/is the canary of generation 3/, { after });
    await superdaemon.waitForLine(/^checking the canary/, { after });
    const { code } = await run(['--restart', '--cancel', ...files], { cwd: dir.path });
    expect(code).toBe(0);
    await eventually(() => expect(status(dir)).toMatch(/^1:\d+\n1:\d+\n$/));
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(/is the canary of generation 4/, { after });
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    await eventually(() => expect(superdaemon.processes()).toEqual([]));
  });

  it('has what it was started with, and the sockets, where it is checked', async () => {
    using dir = tempDir();
    const port = await freePort();
    const says =
      'echo "$SERVER_STARTER_WORKER $PWD $COLOUR" >&2; test -S /proc/self/fd/3 && kill -0 $WORKER_PID';
    const options = [
      `--port=127.0.0.1:${port}`,
      `--dir=${dir.path}`,
      '--envdir=env',
      '--interval=0',
      '--workers=1',
    ];
    const env = dir.join('env');
    mkdirSync(env);
    writeFileSync(`${env}/COLOUR`, 'red');
    const args = [...options, '--canary=0', `--canary-check=${says}`, ...files, '--', 'sleep', '1000'];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await superdaemon.waitForLine('the only worker of generation 1');
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(`check: 0 ${dir.path} red`);
    await superdaemon.waitForLine('the canary has passed');
    await superdaemon.waitForLine('the only worker of generation 2');
  });

  it('is asked for with seconds, or refused in one line', async () => {
    for (const [words, stderr] of [
      [['--canary=x'], 'start-server: --canary=x: not a number of seconds\n'],
      [['--canary=-1'], 'start-server: --canary=-1: not a number of seconds\n'],
      [['--canary-check=true'], 'start-server: --canary-check: needs --canary\n'],
    ] as const) {
      const { code, stderr: said, leftBehind } = await run([...words, '--', 'true']);
      expect({ code, said, leftBehind }).toEqual({ code: 1, said: stderr, leftBehind: 0 });
    }
    const { stdout } = await run(['--dry-run', '--canary=60', '--canary-check=./ok', '--', 'true']);
    expect(stdout).toContain(
      '\ncanary:       serves beside the old generation for 60 s, then ./ok exits 0\n',
    );
  });
});
