import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { describeOurs } from '../support/ours.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { notes } from '../support/teller.ts';
import { tempDir } from '../support/temp-dir.ts';
import { teller } from '../support/workers.ts';

interface StatusLine {
  readonly event: string;
  readonly generation: number;
  readonly text: string;
  readonly time: string;
}

describeOurs('a worker that says STATUS= without end', () => {
  it('is heard now and then, waits with the rest, and holds up neither a deploy nor the end', async () => {
    using dir = tempDir();
    const told = notes(dir, { 1: 'send READY=1;babble send', 2: 'note second;babble pipe' });
    const args = ['--interval=0', '--ready=notify', '--log-format=json', '--', ...teller];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path, env: told.env });
    const statuses = (generation: number): StatusLine[] =>
      superdaemon
        .log()
        .split('\n')
        .filter((line) => line.includes('"worker-status"'))
        .map((line): StatusLine => JSON.parse(line))
        .filter((line) => line.generation === generation);
    const hears = (generation: number, count: number) =>
      eventually(() => expect(statuses(generation).length).toBeGreaterThan(count));
    await hears(1, 5);
    superdaemon.signal('SIGHUP');
    await told.waitFor('2 second');
    await hears(2, 5);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended(5_000)).toEqual({ code: 0, signal: null });
    // Without measure it is a message a microsecond, or as many as a busy machine lets it send.
    for (const { generation, mostAMs } of [
      { generation: 1, mostAMs: 2 },
      { generation: 2, mostAMs: 40 },
    ]) {
      // The end may bring the last one forward.
      const lines = statuses(generation).slice(0, -1);
      const counts = lines.map(({ text }) => Number(text));
      const times = lines.map(({ time }) => Date.parse(time));
      const passedMs = last(times) - (times[0] ?? 0);
      expect(counts).toEqual([...counts].sort((a, b) => a - b));
      expect(passedMs / (lines.length - 1)).toBeGreaterThanOrEqual(80);
      expect(last(counts) / passedMs).toBeLessThan(mostAMs);
    }
  });
});

describeOurs('a worker that says that it is ready without end', () => {
  it.each([
    ['\\n', 'an empty line'],
    ['READY=1\\n', 'READY=1'],
  ])('holds up neither a deploy nor the end: %j', async (word) => {
    const flood = `open P, '>&=', $ENV{NOTIFY_FD}; $words = "${word}" x 8192; syswrite P, $words while 1`;
    const args = ['--interval=0', '--ready=notify', '--', 'perl', '-e', flood];
    await using superdaemon = startSuperdaemon(args);
    await superdaemon.waitForLine('starting new worker');
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine('new worker is now running');
    await superdaemon.waitForLine(/^old worker \d+ died/);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended(5_000)).toEqual({ code: 0, signal: null });
  });
});

const last = (numbers: readonly number[]) => numbers.at(-1) ?? 0;
