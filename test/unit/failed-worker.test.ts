// Of the worker that has failed last a client shows what it wrote, out of the log that its superdaemon has.

import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { tempDir } from '../support/temp-dir.ts';
import { anotherProcess } from './another-process.ts';

/** Runs the client's part beside a process whose standard error is `log`; `act` has `failed`, `append(text)` and `replace(text)`. */
async function shown(before: string, act: string): Promise<string> {
  using dir = tempDir();
  using client = await anotherProcess('client/failed-worker.ts');
  writeFileSync(dir.join('log'), before);
  const code = `
    const { appendFileSync, openSync, writeFileSync } = require('node:fs');
    const [log] = words;
    const superdaemon = require('node:child_process').spawn('sleep', ['1000'], { stdio: ['ignore', 'ignore', openSync(log, 'a')] });
    const failed = ours.failedWorker(superdaemon.pid);
    const append = (text) => appendFileSync(log, text);
    const replace = (text) => writeFileSync(log, text);
    const dies = (pid, role) => ({ event: 'worker-died', generation: 1, pid, status: 256, role });
    const fails = (pid) => ({ event: 'worker-failed-to-start', generation: 2, pid, status: 256 });
    try { ${act} } finally { superdaemon.kill(); }`;
  const environment = { PATH: process.env.PATH ?? '' };
  return String(client.run(code, { words: [dir.join('log')], environment }).stderr);
}

const SEEMS = 'new worker 12 seems to have failed to start, exit status:256';

it('the last ten lines are shown, and none from before', async () => {
  const act = `
    append(Array.from({ length: 12 }, (_, index) => 'line ' + index + '\\n').join('') + '${SEEMS}\\n');
    failed.take(fails(12));
    failed.showLastLines('/log');`;
  const lines = Array.from({ length: 10 }, (_, index) => `  line ${index + 2}\n`).join('');
  expect(await shown('from before\n', act)).toBe(`the last lines in /log before worker 12 failed:\n${lines}`);
});

it('an old worker that goes meanwhile is not the one that failed', async () => {
  const act = `
    append('no config\\n${SEEMS}\\n');
    failed.take(fails(12));
    append('bye\\nold worker 11 died, status:256\\n');
    failed.take(dies(11, 'old'));
    failed.showLastLines('/log');`;
  expect(await shown('', act)).toBe('the last lines in /log before worker 12 failed:\n  no config\n');
});

it('a log that was cut meanwhile is read from its beginning', async () => {
  const act = `
    replace('no config\\n${SEEMS}\\n');
    failed.take(fails(12));
    failed.showLastLines('/log');`;
  expect(await shown(`${'x'.repeat(200)}\n`, act)).toBe(
    'the last lines in /log before worker 12 failed:\n  no config\n',
  );
});

it('nothing is shown where nobody has failed', async () => {
  expect(
    await shown('', "append('fine\\n'); failed.take(dies(11, 'old')); failed.showLastLines('/log');"),
  ).toBe('');
});
