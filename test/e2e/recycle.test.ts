// RECYCLINGS=50 for the long form.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { memoryOf } from '../../src/posix/process/process-facts.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { startLoad } from '../support/load.ts';
import { describeOurs } from '../support/ours.ts';
import { expectRightAnswers } from '../support/right-answers.ts';
import { type Superdaemon, startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';

const RECYCLINGS = Number(process.env.RECYCLINGS ?? 6);
const leaking = ['--', process.execPath, fileURLToPath(new URL('../workers/leaks.mjs', import.meta.url))];
const files = ['--pid-file=pid', '--status-file=status', '--log-format=json'];

interface Told {
  readonly event: string;
  readonly pid: number;
  readonly reason?: string;
  readonly generation?: number;
}

const told = (superdaemon: Superdaemon): Told[] =>
  superdaemon
    .log()
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line));

const recycled = (superdaemon: Superdaemon) => told(superdaemon).filter(({ event }) => event === 'recycled');

/** After all have started: the fewest that served at any time, and the most that were being replaced. */
function extremes(events: readonly Told[]): { readonly fewest: number; readonly most: number } {
  const serving = new Set<number>();
  const turning = new Set<number>();
  let [fewest, most] = [Number.POSITIVE_INFINITY, 0];
  let all = false;
  for (const { event, pid } of events) {
    if (event === 'worker-started') serving.add(pid);
    if (event === 'worker-signalled' || event === 'worker-died') serving.delete(pid);
    if (event === 'recycling') turning.add(pid);
    if (event === 'worker-died') turning.delete(pid);
    all ||= event === 'all-started';
    if (event === 'stopping') break;
    if (!all) continue;
    fewest = Math.min(fewest, serving.size);
    most = Math.max(most, turning.size);
  }
  return { fewest, most };
}

describeOurs.concurrent('recycling', { timeout: 60_000 + RECYCLINGS * 5000 }, () => {
  it('of workers that leak and ask for it loses no request: one at a time, and all serve at any moment', async () => {
    using dir = tempDir();
    const port = await freePort();
    const args = [...files, '--ready=notify', '--interval=0', `--port=127.0.0.1:${port}`, '--workers=3'];
    await using superdaemon = startSuperdaemon([...args, ...leaking], { cwd: dir.path });
    await eventually(() => expect(superdaemon.log()).toContain('"event":"all-started"'));
    await using load = startLoad({ target: { port }, clients: 3, pauseMs: 5 });
    const after = (count: number) =>
      eventually(() => expect(recycled(superdaemon).length).toBeGreaterThanOrEqual(count), {
        withinMs: 30_000 + count * 5000,
      });
    await after(RECYCLINGS / 2);
    const before = memoryOf(superdaemon.pid) ?? 0;
    await after(RECYCLINGS);
    expect((memoryOf(superdaemon.pid) ?? 0) - before).toBeLessThan(16 * 2 ** 20);
    const { counts, losses } = await load.stop();
    expect(losses).toEqual({});
    expect(counts.ok).toBe(counts.requests);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expectRightAnswers(superdaemon, [load]);
    expect(extremes(told(superdaemon))).toEqual({ fewest: 3, most: 1 });
    expect(new Set(told(superdaemon).flatMap(({ generation }) => generation ?? []))).toEqual(new Set([1]));
  });

  it('by --max-age replaces a worker that has served so long, under the same number', async () => {
    using dir = tempDir();
    const args = [...files, '--max-age=1', '--interval=0', '--', 'sleep', '1000'];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await eventually(() => expect(recycled(superdaemon).length).toBeGreaterThan(1));
    expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^(1:\d+\n)+$/);
    expect(told(superdaemon).find(({ event }) => event === 'recycling')?.reason).toBe('age');
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });

  it('by --max-memory replaces one that is too large in two samples', async () => {
    using dir = tempDir();
    const hog = ['--', 'perl', '-e', '$hoard = "x" x 50_000_000; sleep 1000'];
    const args = [...files, '--max-memory=20M', '--interval=0', ...hog];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await eventually(() => expect(recycled(superdaemon)).toHaveLength(1), { withinMs: 40_000 });
    expect(told(superdaemon).find(({ event }) => event === 'recycling')?.reason).toBe('memory');
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });
});
