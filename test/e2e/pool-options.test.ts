// Options that mean something for each worker of a pool.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { publishedGenerations } from '../support/deploy.ts';
import { eventually } from '../support/eventually.ts';
import { describeOurs } from '../support/ours.ts';
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
    await superdaemon.waitForLine('all 1 workers of generation 1 have started');
    expect(publishedGenerations(dir.join('status'))).toEqual([1]);
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
