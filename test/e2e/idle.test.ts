import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { describeWhere } from '../support/permitted.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';

/** How often its threads were given a processor, and gave it back. */
function switches(pid: number): number {
  const statuses = readdirSync(`/proc/${pid}/task`).map((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8'),
  );
  const counts = statuses.flatMap((text) => [...text.matchAll(/^\w*voluntary_ctxt_switches:\s*(\d+)$/gm)]);
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

/** As long as several programs take from their start to their end, which have nothing to do with it. */
async function sleepsOn(pid: number): Promise<void> {
  // V8 looks at its heap once more, some seconds after it was last busy.
  await eventually(
    async () => {
      const before = switches(pid);
      for (let count = 0; count < 8; count++) await run(['--version']);
      expect(switches(pid)).toBe(before);
    },
    { withinMs: 40_000 },
  );
}

describeWhere('an idle superdaemon', ['test', '-d', '/proc/self/task'], () => {
  it('is woken by nothing, also when those who watched it have gone', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    const files = ['--pid-file=app.pid', '--status-file=status'];
    const sockets = [`--port=127.0.0.1:${await freePort()}`, '--path=socket'];
    const args = ['--interval=0', ...sockets, ...files, '--', 'sleep', '1000'];
    await using superdaemon = startSuperdaemon(args, { cwd });
    await eventually(() => expect(existsSync(dir.join('status'))).toBe(true));
    await sleepsOn(superdaemon.pid);
    const before = switches(superdaemon.pid);
    const via = ['sh', '-c', '"$@" | head -40', 'sh'];
    await run(['--status', '--watch=0.1', '--pid-file=app.pid'], { cwd, via });
    expect((await run(['--metrics', '--pid-file=app.pid'], { cwd })).code).toBe(0);
    expect(switches(superdaemon.pid)).toBeGreaterThan(before);
    await sleepsOn(superdaemon.pid);
  });
});
