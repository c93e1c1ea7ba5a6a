// Options that mean something for each worker of a pool.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { expect, it } from 'vitest';
import { publishedGenerations } from '../support/deploy.ts';
import { eventually } from '../support/eventually.ts';
import { describeOurs, skipsFixes } from '../support/ours.ts';
import { describePeer } from '../support/peer.ts';
import { describeWhere } from '../support/permitted.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const files = ['--pid-file=pid', '--status-file=status'];
const pool = (workers: string) => [`--workers=${workers}`, '--interval=0', ...files];
const serves = (dir: TempDir, generations: readonly number[]) =>
  eventually(() => expect(publishedGenerations(dir.join('status'))).toEqual(generations));
const lines = (file: string) => readFileSync(file, 'utf8').trimEnd().split('\n').sort();

describeWhere('a pool as large as there are processors', ['taskset', '-c', '0', 'true'], () => {
  it('has one worker where it may use one', async () => {
    using dir = tempDir();
    const args = [...pool('auto'), '--', 'sleep', '1000'];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path, via: ['taskset', '-c', '0'] });
    await superdaemon.waitForLine('the only worker of generation 1 has started');
    expect(publishedGenerations(dir.join('status'))).toEqual([1]);
  });
});

/** A cgroup, as far as it can be seen: the worker's own below /app, and what cpu.max says in both. A quota of its own needs more than the right to mount. */
const inCgroup = (above: string, own: string) => [
  ...['unshare', '--mount', '--map-root-user', 'sh', '-ec'],
  `mount -t tmpfs none /sys/fs/cgroup
  mkdir -p /sys/fs/cgroup/app/worker
  echo 0::/app/worker >/sys/fs/cgroup/mine
  mount --bind /sys/fs/cgroup/mine "/proc/$$/cgroup"
  echo "$0" >/sys/fs/cgroup/app/cpu.max
  echo "$1" >/sys/fs/cgroup/app/worker/cpu.max
  shift
  exec "$@"`,
  above,
  own,
];
const all = availableParallelism();

describeWhere(
  'a pool as large as its cgroup allows',
  [...inCgroup('max 100000', 'max 100000'), 'true'],
  () => {
    it.skipIf(skipsFixes).each([
      ['as many workers as processors where there is no limit', 'max 100000', 'max 100000', all],
      ['one where it may use half of a processor', 'max 100000', '50000 100000', 1],
      ['two where it may use one and a half', 'max 100000', '150000 100000', Math.min(all, 2)],
      ['no more than a cgroup above it may use', '100000 100000', '800000 100000', 1],
    ])('has %s', async (_what, above, own, workers) => {
      using dir = tempDir();
      const via = inCgroup(above, own);
      const args = [...pool('auto'), '--', 'sleep', '1000'];
      await using superdaemon = startSuperdaemon(args, { cwd: dir.path, via });
      await superdaemon.waitForLine(
        workers === 1 ? /^the only worker of / : `all ${workers} workers of generation 1 have started`,
      );
      expect(publishedGenerations(dir.join('status'))).toEqual(Array(workers).fill(1));
    });
  },
);

describeOurs('each attempt in a pool', () => {
  it.each([
    ['reads environment and policy anew', [], 'blue'],
    ['has those of its deploy with --freeze', ['--freeze'], 'red'],
  ])('%s', async (_what, freeze, replacement) => {
    using dir = tempDir();
    mkdirSync(dir.join('env'));
    writeFileSync(dir.join('env/COLOUR'), 'red');
    const worker = 'echo "$SERVER_STARTER_GENERATION $SERVER_STARTER_WORKER $COLOUR" >>seen; exec sleep 1000';
    const args = [...pool('2'), '--envdir=env', ...freeze, '--', 'sh', '-c', worker];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await serves(dir, [1, 1]);
    writeFileSync(dir.join('env/COLOUR'), 'blue');
    writeFileSync(dir.join('env/KILL_OLD_DELAY'), '1000');
    const [, victim] = /:(\d+)$/m.exec(readFileSync(dir.join('status'), 'utf8')) ?? [];
    process.kill(Number(victim), 'SIGKILL');
    await eventually(() =>
      expect(lines(dir.join('seen'))).toEqual([`1 0 ${replacement}`, '1 0 red', '1 1 red'].sort()),
    );
    await serves(dir, [1, 1]);
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine('sleeping 1000 secs before killing old workers');
    await serves(dir, [1, 1, 2, 2]);
    expect(lines(dir.join('seen')).slice(-2)).toEqual(['2 0 blue', '2 1 blue']);
  });
});

describeOurs('--scale that adds a worker which never says that it is ready', () => {
  it('exits 2 when the time is up, and 1 with the reason when it is late too often; the others serve on', async () => {
    using dir = tempDir();
    const ready = ['--ready=notify', '--ready-timeout=2', '--max-start-attempts=2', '--backoff=1'];
    const worker = 'test $SERVER_STARTER_WORKER -gt 1 || echo >&$NOTIFY_FD; exec sleep 1000';
    const args = [...pool('2'), ...ready, '--', 'sh', '-c', worker];
    await using _superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await serves(dir, [1, 1]);
    const scale = async (...words: string[]) => {
      const { code, stderr } = await run([...words, '--pid-file=pid'], {
        cwd: dir.path,
        withinMs: 30_000,
      });
      return `${code}: ${stderr}`;
    };
    expect(await scale('--scale=3', '--wait-timeout=1.5', '--quiet')).toMatch(
      /^2: start-server: .*worker 2 is to start[^\n]*\n$/,
    );
    expect(await scale('--scale=4')).toMatch(
      /^1: .*\nwhat the program said is in \S+; --scale with fewer workers takes it back\n.*\nstart-server: scaling failed: worker [23] has failed to start 2 times, and is tried on: [^\n]*ready[^\n]*\n$/s,
    );
    expect(publishedGenerations(dir.join('status'))).toEqual([1, 1]);
    expect(await scale('--scale=2', '--quiet')).toBe('0: ');
    await serves(dir, [1, 1]);
  });
});

describeOurs('each worker of a pool', () => {
  it('has a notify socket and a LISTEN_PID of its own, and the environment of the envdir', async () => {
    using dir = tempDir();
    mkdirSync(dir.join('env'));
    writeFileSync(dir.join('env/COLOUR'), 'green');
    const script = [
      'test "$LISTEN_PID" = $$ && own=its-own',
      'echo "$SERVER_STARTER_WORKER $own $COLOUR" >>seen; echo "$NOTIFY_SOCKET" >>sockets',
      'echo >&$NOTIFY_FD; exec sleep 1000',
    ].join('; ');
    const args = ['--ready=notify', '--listen-fds', '--envdir=env', '--port=127.0.0.1:0'];
    await using _superdaemon = startSuperdaemon([...pool('3'), ...args, '--', 'sh', '-c', script], {
      cwd: dir.path,
    });
    await serves(dir, [1, 1, 1]);
    expect(lines(dir.join('seen'))).toEqual(['0 its-own green', '1 its-own green', '2 its-own green']);
    expect(new Set(lines(dir.join('sockets'))).size).toBe(3);
  });

  it('is there again after a stop, and none that scaling had added', async () => {
    using dir = tempDir();
    const args = [...pool('2'), '--', 'sleep', '1000'];
    {
      await using _first = startSuperdaemon(args, { cwd: dir.path });
      await serves(dir, [1, 1]);
      expect(await run(['--scale=3', '--quiet', '--pid-file=pid'], { cwd: dir.path })).toMatchObject({
        code: 0,
      });
      await serves(dir, [1, 1, 1]);
      expect(await run(['--stop', '--quiet', '--pid-file=pid'], { cwd: dir.path })).toMatchObject({
        code: 0,
      });
    }
    await using second = startSuperdaemon(args, { cwd: dir.path });
    await second.waitForLine('all 2 workers of generation 1 have started');
    await serves(dir, [1, 1]);
  });

  it('starts beside no more others than a number that makes sense', async () => {
    for (const text of ['0', '-1', 'x', '1.5']) {
      const { code, stderr } = await run(['--workers=2', `--start-at-once=${text}`, '--', 'true']);
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: expect.stringMatching(new RegExp(`^start-server: --start-at-once=${text}: [^\n]*\n$`)),
      });
    }
  });

  it('is not what a client scales that finds no pool, or nobody', async () => {
    using dir = tempDir();
    const args = ['--interval=0', ...files, '--', 'sleep', '1000'];
    const scale = () => run(['--scale=2', '--quiet', '--pid-file=pid'], { cwd: dir.path });
    expect((await scale()).code).toBe(3);
    await using _superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await serves(dir, [1]);
    expect(await scale()).toMatchObject({ code: 1, stderr: expect.stringContaining('--workers') });
  });
});

/** In the place of the program under test. */
const original = ['sh', '-c', 'shift; exec /usr/bin/start_server "$@"', 'sh'];

describePeer('the Perl original’s --restart', ['/usr/bin/start_server'], () => {
  it('deploys a pool of ours, and returns once the new generation is alone', async () => {
    using dir = tempDir();
    await using _superdaemon = startSuperdaemon([...pool('3'), '--', 'sleep', '1000'], { cwd: dir.path });
    await serves(dir, [1, 1, 1]);
    const { code } = await run(['--restart', ...files], { cwd: dir.path, via: original });
    expect(code).toBe(0);
    expect(publishedGenerations(dir.join('status'))).toEqual([2, 2, 2]);
  });
});
