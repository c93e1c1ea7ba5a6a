import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import { serves } from '../support/deploy.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { startLoad } from '../support/load.ts';
import { describeOurs } from '../support/ours.ts';
import { workerPid } from '../support/pids.ts';
import { expectRightAnswers } from '../support/right-answers.ts';
import { run } from '../support/run.ts';
import { type Superdaemon, startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

// Most of the time all of them wait.
vi.setConfig({ maxConcurrency: 4 });

const files = ['--pid-file=pid', '--status-file=status'];
const client = ['--restart', '--quiet', ...files];
const httpNode = [process.execPath, fileURLToPath(new URL('../workers/http-node.mjs', import.meta.url))];
/** Serves, unless the release is broken. */
const release = ['--', 'sh', '-c', 'test ! -e broken || { echo no config >&2; exit 3; }; exec "$@"', 'sh'];

describeOurs('a broken release under load', () => {
  for (const [what, options, reason] of [
    [
      'is refused by --check',
      [
        '--check=echo "checking $SERVER_STARTER_GENERATION" >&2; test ! -e broken || { echo no config >&2; exit 3; }',
      ],
      /deploy failed: check exited with status 3: no config; nothing was started, generation 1 keeps serving$/m,
    ],
    [
      'is given up after --max-start-attempts',
      ['--max-start-attempts=2'],
      /deploy failed: gave up after 2 attempts, generation 1 keeps serving: worker \d+ ended with exit status 3$/m,
    ],
  ] as const) {
    it.concurrent(`${what}, no request fails, and the next good release deploys`, async () => {
      using dir = tempDir();
      const cwd = dir.path;
      const port = await freePort();
      const args = [`--port=127.0.0.1:${port}`, ...options, ...files, ...release, ...httpNode];
      await using superdaemon = startSuperdaemon(args, { cwd, recorded: true });
      await superdaemon.waitForLine('starting new worker');
      await using load = startLoad({ target: { port }, pauseMs: 2 });
      const deployment = { superdaemon, statusFile: dir.join('status'), loads: [load] };
      await serves(deployment, 1);
      const first = await workerPid(superdaemon, 1);

      writeFileSync(dir.join('broken'), '');
      const { code, stderr } = await run(client, { cwd, withinMs: 30_000 });
      expect(code).toBe(1);
      expect(stderr).toMatch(reason);
      expect(readFileSync(dir.join('status'), 'utf8')).toBe(`1:${first}\n`);

      rmSync(dir.join('broken'));
      expect(await run(client, { cwd, withinMs: 30_000 })).toMatchObject({ code: 0, stderr: '' });
      expect(superdaemon.log()).toContain(`sending TERM to old workers:${first}\n`);
      const { losses, counts } = await load.stop();
      expect(losses).toEqual({});
      expect(counts.ok).toBe(counts.requests);
      expectRightAnswers(superdaemon, [load]);
    });
  }
});

describeOurs('--check', () => {
  it.concurrent('sees what the worker would see, and its words are in the log', async () => {
    using dir = tempDir();
    const port = await freePort();
    const check = 'echo "$SERVER_STARTER_GENERATION $SERVER_STARTER_PORT $PWD" >&2; test -S /proc/self/fd/3';
    const args = [`--port=127.0.0.1:${port}`, `--dir=${dir.path}`, `--check=${check}`, '--', 'sleep', '1000'];
    await using superdaemon = startSuperdaemon(args);
    await superdaemon.waitForLine('starting new worker');
    expect(superdaemon.log()).toContain(`\ncheck: 1 127.0.0.1:${port}=3 ${dir.path}\n`);
  });

  it.concurrent('keeps a first start from happening, and nothing is left behind', async () => {
    using dir = tempDir();
    const args = ['--path=sock', ...files, '--check=echo bad >&2; false', '--', 'sh', '-c', 'touch ran'];
    const { code, stderr, leftBehind } = await run(args, { cwd: dir.path });
    expect(code).toBe(1);
    expect(stderr).toMatch(/\nstart-server: cannot start the worker: check exited with status 1: bad\n$/);
    expect(leftBehind).toBe(0);
    expect(['sock', 'pid', 'status', 'ran'].filter((name) => existsSync(dir.join(name)))).toEqual([]);
  });

  it.concurrent('that hangs is ended, with all that it started, and refuses', async () => {
    using dir = tempDir();
    const args = ['--check=sleep 1000 & sleep 1000', '--ready-timeout=0.3', '--', 'sleep', '1000'];
    const { code, stderr, leftBehind } = await run(args, { cwd: dir.path });
    expect(code).toBe(1);
    expect(stderr).toMatch(/check was still running after 0\.3 secs\n$/);
    expect(leftBehind).toBe(0);
  });

  it.concurrent('that floods its standard error has the last 4 KB of it told', async () => {
    using dir = tempDir();
    const args = ["--check=head -c 9000000 /dev/zero | tr '\\0' x >&2; false", '--', 'sleep', '1000'];
    const { code, stderr } = await run(args, { cwd: dir.path });
    expect(code).toBe(1);
    expect(stderr).toMatch(/cannot start the worker: check exited with status 1: x{1000,4096}\n$/);
    expect(stderr.length).toBeLessThan(10_000);
  });

  it.concurrent('is ended when the superdaemon is told to stop', async () => {
    using dir = tempDir();
    await using superdaemon = startSuperdaemon(checksForLong, { cwd: dir.path });
    await deployUntilItChecks(superdaemon, dir);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    // A process that has been killed takes a moment to go.
    await eventually(() => expect(superdaemon.processes()).toEqual([]));
  });

  it.concurrent('does not hold up the replacement of a worker that dies meanwhile', async () => {
    using dir = tempDir();
    await using superdaemon = startSuperdaemon(checksForLong, { cwd: dir.path });
    await deployUntilItChecks(superdaemon, dir);
    const after = superdaemon.log().length;
    rmSync(dir.join('slow'));
    process.kill(await workerPid(superdaemon, 1), 'SIGKILL');
    await superdaemon.waitForLine('starting new worker', { after });
    await superdaemon.waitForLine('new worker is now running', { after });
  });
});

describeOurs('--max-start-attempts', () => {
  it.concurrent('gives up, says so, and the next HUP tries anew', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    const args = ['--interval=1', '--max-start-attempts=2', ...files, ...release, 'sleep', '1000'];
    await using superdaemon = startSuperdaemon(args, { cwd });
    await eventually(() => readFileSync(dir.join('status')));
    writeFileSync(dir.join('broken'), '');
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine('giving up after 2 attempts, generation 1 keeps serving');
    expect(superdaemon.log().match(/^starting new worker/gm)).toHaveLength(3);
    rmSync(dir.join('broken'));
    superdaemon.signal('SIGHUP');
    await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^4:\d+\n$/));
  });

  it.concurrent('ends a first start that fails, with the reason and without a trace', async () => {
    using dir = tempDir();
    writeFileSync(dir.join('broken'), '');
    const args = [
      '--interval=1',
      '--max-start-attempts=2',
      '--path=sock',
      ...files,
      ...release,
      'sleep',
      '1000',
    ];
    const { code, stderr, leftBehind } = await run(args, { cwd: dir.path });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /cannot start the worker: giving up after 2 attempts: worker \d+ ended with exit status 3\n$/,
    );
    expect(leftBehind).toBe(0);
    expect(existsSync(dir.join('sock'))).toBe(false);
  });

  it.concurrent('makes --daemonize wait for the first worker, and tell the truth', async () => {
    using dir = tempDir();
    writeFileSync(dir.join('broken'), '');
    const args = ['--daemonize', '--log-file=log', '--max-start-attempts=1', ...release, 'sleep', '1000'];
    const { code, stderr } = await run(args, { cwd: dir.path });
    expect(code).toBe(1);
    expect(stderr).toMatch(/giving up after 1 attempt: worker \d+ ended with exit status 3\n$/);
  });
});

describeOurs('--backoff', () => {
  it.concurrent('spaces failing attempts ever more, up to its limit', async () => {
    using dir = tempDir();
    const noting = 'open my $times, ">>", "times"; printf $times "%d\\n", time * 1000; exit 1';
    const worker = ['--', 'perl', '-MTime::HiRes=time', '-e', noting];
    const args = ['--interval=1', '--backoff=2', ...worker];
    await using _superdaemon = startSuperdaemon(args, { cwd: dir.path });
    const times = await eventually(() => {
      const lines = readFileSync(dir.join('times'), 'utf8').trimEnd().split('\n');
      expect(lines.length).toBeGreaterThan(3);
      return lines.map(Number);
    });
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    // 1.5 s, then 2 s, which would be 2.25 s and 3.375 s without the limit. A late start shortens the gap that follows.
    expect(gaps[0]).toBeGreaterThan(1_300);
    expect(gaps[1]).toBeGreaterThan(1_700);
    expect(gaps[2]).toBeLessThan(3_300);
  });
});

/** A check goes on for as long as there is a file `slow`. */
const checksForLong = [
  '--interval=0',
  '--check=test ! -e slow || { touch running; sleep 1000; }',
  ...['--', 'sleep', '1000'],
];

async function deployUntilItChecks(superdaemon: Superdaemon, dir: TempDir): Promise<void> {
  await superdaemon.waitForLine('starting new worker');
  writeFileSync(dir.join('slow'), '');
  superdaemon.signal('SIGHUP');
  await eventually(() => readFileSync(dir.join('running')));
}
