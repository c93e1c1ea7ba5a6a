// What the documentation shows of the commands is what they print.
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { describeOurs } from '../support/ours.ts';
import { run } from '../support/run.ts';
import { masked, screensOf } from '../support/screens.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const files = ['--pid-file=app.pid', '--status-file=app.status', '--log-file=app.log'];
const status = 'start-server --status --pid-file=app.pid';
const metrics = 'start-server --metrics --pid-file=app.pid';

async function start(dir: TempDir, program: string, options: readonly string[] = []) {
  writeFileSync(dir.join('server.mjs'), program);
  const port = `--port=${await freePort()}`;
  return startSuperdaemon([port, ...options, ...files, '--', 'node', 'server.mjs'], { cwd: dir.path });
}

async function shown(dir: TempDir, command: string): Promise<string> {
  const [, ...words] = command.split(' ');
  return masked((await run(words, { cwd: dir.path })).stdout, dir.path);
}

/** Lives on when it is told to go. */
const slow = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1e6);';

describeOurs('docs/operate.md', () => {
  const [serving, failing] = screensOf('docs/operate.md', status);

  it('shows a deploy as --status does', async () => {
    using dir = tempDir();
    await using superdaemon = await start(dir, slow);
    await eventually(() => expect(readFileSync(dir.join('app.status'), 'utf8')).toMatch(/^1:/));
    superdaemon.signal('SIGHUP');
    await eventually(async () => expect(await shown(dir, status)).toBe(serving));
  });

  it('shows a release that does not come up as --status does', async () => {
    using dir = tempDir();
    await using _superdaemon = await start(dir, 'process.exit(1)', []);
    await eventually(async () => expect(await shown(dir, status)).toBe(failing));
  });
});

describeOurs('docs/metrics.md', () => {
  it('shows what --metrics prints, and leaves nothing out', async () => {
    using dir = tempDir();
    await using superdaemon = await start(dir, 'setInterval(() => {}, 1e6);', ['--interval=0']);
    await eventually(() => expect(readFileSync(dir.join('app.status'), 'utf8')).toMatch(/^1:/));
    superdaemon.signal('SIGHUP');
    await eventually(async () =>
      expect([await shown(dir, metrics)]).toEqual(screensOf('docs/metrics.md', metrics)),
    );
  });
});
