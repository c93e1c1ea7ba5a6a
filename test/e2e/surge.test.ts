// --surge: a deploy of a pool for which there is not memory twice.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { startLoad } from '../support/load.ts';
import { describeOurs } from '../support/ours.ts';
import { expectRightAnswers } from '../support/right-answers.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const files = ['--pid-file=pid', '--status-file=status'];
const httpNode = [process.execPath, fileURLToPath(new URL('../workers/http-node.mjs', import.meta.url))];
const release = ['--', 'sh', '-c', 'test ! -e "broken-$SERVER_STARTER_WORKER" || exit 3; exec "$@"', 'sh'];

const restart = (dir: TempDir) => run(['--restart', ...files], { cwd: dir.path, withinMs: 60_000 });
const generations = (dir: TempDir) =>
  readFileSync(dir.join('status'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => Number(line.split(':')[0]));

/** The most workers that lived at a time and the fewest that served, as the log in JSON tells it from its line `after` on. */
function extremes(log: string, after: number): { most: number; fewest: number } {
  const living = new Set<number>();
  const serving = new Set<number>();
  let [most, fewest] = [0, Number.POSITIVE_INFINITY];
  const lines = log.split('\n').filter((line) => line.startsWith('{'));
  for (const [index, line] of lines.entries()) {
    const { event, pid } = JSON.parse(line);
    if (event === 'worker-starting') living.add(pid);
    if (event === 'worker-started') serving.add(pid);
    if (event === 'worker-signalled' || event === 'worker-died') serving.delete(pid);
    if (event === 'worker-died' || event === 'worker-failed-to-start') living.delete(pid);
    if (index < after) continue;
    most = Math.max(most, living.size);
    fewest = Math.min(fewest, serving.size);
  }
  return { most, fewest };
}

describeOurs('--surge=1 with 8 workers', () => {
  it('never has more than 9, nor fewer than 8 that serve; a broken release stops half-way, and the next one ends it', async () => {
    using dir = tempDir();
    const port = await freePort();
    const options = ['--workers=8', '--surge=1', '--ready=notify', '--interval=0', '--log-format=json'];
    const args = [`--port=127.0.0.1:${port}`, ...options, ...files, ...release, ...httpNode];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await superdaemon.waitForLine(/"event":"all-started"/);
    const begins = superdaemon.log().split('\n').length - 1;
    await using load = startLoad({ target: { port }, pauseMs: 3, timeoutMs: 20_000 });

    writeFileSync(dir.join('broken-2'), '');
    const { code, stderr } = await restart(dir);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /deploy failed: gave up after 3 attempts of worker 2, 2 of 8 workers are of generation 2, generation 1 keeps the rest: worker \d+ /,
    );
    await eventually(() => expect(generations(dir)).toEqual([1, 1, 1, 1, 1, 1, 2, 2]));
    rmSync(dir.join('broken-2'));

    expect(await restart(dir)).toMatchObject({ code: 0 });
    expect(generations(dir)).toEqual(Array(8).fill(3));
    const { most, fewest } = extremes(superdaemon.log(), begins);
    expect({ most, fewest }).toEqual({ most: 9, fewest: 8 });
    const { losses } = await load.stop();
    expect(losses).toEqual({});
    expectRightAnswers(superdaemon, [load]);
  });

  it('goes on over an upgrade where it has stopped half-way', async () => {
    using dir = tempDir();
    const options = ['--workers=2', '--surge=1', '--interval=1', '--max-start-attempts=1'];
    await using superdaemon = startSuperdaemon([...options, ...files, ...release, 'sleep', '1000'], {
      cwd: dir.path,
    });
    await superdaemon.waitForLine('all 2 workers of generation 1 have started');
    writeFileSync(dir.join('broken-1'), '');
    expect((await restart(dir)).code).toBe(1);
    expect(generations(dir)).toEqual([1, 2]);
    rmSync(dir.join('broken-1'));
    expect(await run(['--upgrade', ...files], { cwd: dir.path, withinMs: 30_000 })).toMatchObject({
      code: 0,
    });
    const pids = [...readFileSync(dir.join('status'), 'utf8').matchAll(/:(\d+)$/gm)].map(([, pid]) =>
      Number(pid),
    );
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await eventually(() => {
      expect(generations(dir)).toEqual([1, 2]);
      for (const pid of pids) expect(readFileSync(dir.join('status'), 'utf8')).not.toContain(`:${pid}\n`);
    });
    expect((await restart(dir)).code).toBe(0);
    expect(generations(dir)).toEqual([3, 3]);
  });

  it('is asked for with a number and --workers, or refused in one line', async () => {
    for (const [words, stderr] of [
      [['--surge=0', '--workers=2'], 'start-server: --surge=0: not a number from 1 to 1024\n'],
      [['--surge=x', '--workers=2'], 'start-server: --surge=x: not a number from 1 to 1024\n'],
      [['--surge=1'], 'start-server: --surge: needs --workers\n'],
    ] as const) {
      const { code, stderr: said } = await run([...words, '--', 'true']);
      expect({ code, said }).toEqual({ code: 1, said: stderr });
    }
    const { stdout } = await run(['--dry-run', '--surge=1', '--workers=8', '--', 'true']);
    expect(stdout).toContain('\nsurge:        at most 9 workers during a deploy, from one to the next\n');
  });
});
