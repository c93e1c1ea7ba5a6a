import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { describeOurs } from '../support/ours.ts';
import { run } from '../support/run.ts';
import { soundHello } from '../support/sound-hello.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';

const otherSuperdaemon = fileURLToPath(new URL('../workers/other-superdaemon.pl', import.meta.url));
const answers = 'the superdaemon gives an answer that cannot be understood: ';
const tells = 'the superdaemon tells what cannot be understood: ';
const noWorkers = soundHello.replace(/"workers":\[.*?\],/, '"workers":null,');

describeOurs('a client of a superdaemon that makes no sense', () => {
  it.concurrent.each([
    ['--status', noWorkers, `${answers}workers: `],
    ['--status', soundHello.replace('"ageMs":5.5', '"ageMs":1e300'), `${answers}workers.0.ageMs: `],
    ['--metrics', noWorkers, `${answers}workers: `],
    ['--restart', noWorkers, `${answers}workers: `],
    [
      '--restart',
      `${soundHello}{"event":"request-accepted","request":1,"deploy":1}\n{"event":"deployed","deploy":1}\n`,
      tells,
    ],
    ['--scale=2', `${soundHello}{"event":"worker-late"}\n`, tells],
    ['--events', `${soundHello}{"event":"hup","time":1e300}\n`, tells],
    ['--stop', `${soundHello}{"event":"stopping"}\n`, tells],
  ])('says so in a line, and fails: %s, %#', async (words, ANSWER, line) => {
    using dir = tempDir();
    const cwd = dir.path;
    const via = ['perl', otherSuperdaemon, 'pid', 'status'];
    await using _other = startSuperdaemon([], { cwd, via, env: { ANSWER } });
    await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^1:/));
    const { code, stderr } = await run([words, '--pid-file=pid'], { cwd });
    expect(code).toBe(1);
    const [last = '', ...others] = stderr.trimEnd().split('\n').reverse();
    expect(last.slice(0, `start-server: ${line}`.length)).toBe(`start-server: ${line}`);
    expect(others.filter((each) => /^start-server|^ +at |internal error/.test(each))).toEqual([]);
  });

  it.concurrent('does not listen for ever to an answer without an end', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    const via = ['perl', otherSuperdaemon, 'pid', 'status'];
    const env = { ANSWER: '{"protocol":1,"workers":[', TIMES: '750000' };
    await using _other = startSuperdaemon([], { cwd, via, env });
    await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^1:/));
    const { code, stderr } = await run(['--restart', '--pid-file=pid'], { cwd, withinMs: 30_000 });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'start-server: the superdaemon gives an answer without an end\n',
    });
  });
});
