// The recipes of docs/events.md, as they stand there, run by the real pino-pretty.

import { existsSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { pageAt } from '../support/documents.ts';
import { eventually } from '../support/eventually.ts';
import { describePeer } from '../support/peer.ts';
import { program } from '../support/program.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));
const page = pageAt('docs/events.md').text;
const files = ['--pid-file=app.pid', '--status-file=app.status', '--log-file=app.log'];
const worker = ['--', 'sh', '-c', 'trap "exit 0" TERM; echo "a line of the worker"; sleep 1000 & wait'];

/** Where npx finds it. */
async function serving(dir: TempDir) {
  symlinkSync(modules, dir.join('node_modules'));
  const args = ['--interval=0', '--log-format=json', ...files, ...worker];
  const superdaemon = startSuperdaemon(args, { cwd: dir.path });
  await eventually(() => expect(existsSync(dir.join('app.status'))).toBe(true));
  return superdaemon;
}

describePeer('pino-pretty', [`${modules}/.bin/pino-pretty`], () => {
  it('shows the log as the page does, and the workers’ own lines as they are', async () => {
    using dir = tempDir();
    await using superdaemon = await serving(dir);
    const [, command = '', shown = ''] = /^\$ (tail [^\n]*pino-pretty[^\n]*)\n(.*?)^```$/ms.exec(page) ?? [];
    await using reader = startSuperdaemon([], { cwd: dir.path, via: ['sh', '-c', command] });
    await eventually(() => expect(reader.output()).toContain('a line of the worker\n'));
    superdaemon.signal('SIGHUP');
    await eventually(() => {
      const lines = masked(reader.output());
      for (const line of masked(shown)) expect(lines).toContain(line);
    });
  });

  it('shows events as they come', async () => {
    using dir = tempDir();
    await using _superdaemon = await serving(dir);
    const command = /^start-server (--events [^\n]*pino-pretty)$/m.exec(page)?.[1] ?? '';
    await using reader = startSuperdaemon([], { cwd: dir.path, via: ['sh', '-c', `${program} ${command}`] });
    // Whoever asks before it listens is not told of it.
    await eventually(async () => {
      const { code } = await run(['--restart', '--quiet', ...files.slice(0, 2)], { cwd: dir.path });
      expect(code).toBe(0);
      expect(reader.output()).toMatch(/ INFO \(\d+\): new worker is now running/);
    });
    expect(reader.output()).not.toContain('{"level"');
  });
});

/** Its lines, times and numbers apart. */
function masked(text: string): string[] {
  return text
    .trim()
    .split('\n')
    .map((line) => line.replace(/\d+/g, 'N'));
}
