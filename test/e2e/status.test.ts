import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { describeOurs } from '../support/ours.ts';
import { describeWhere } from '../support/permitted.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { notes } from '../support/teller.ts';
import { tempDir } from '../support/temp-dir.ts';
import { transcript } from '../support/transcript.ts';
import { actor, teller } from '../support/workers.ts';

const files = ['--pid-file=pid', '--status-file=status'];
const status = ['--status', '--pid-file=pid'];
const sleeper = ['--', 'sleep', '1000'];

/** Once it is as expected: what happens is known here a moment later. */
async function statusWhere(cwd: string, expected: object, words: readonly string[] = []): Promise<unknown> {
  return eventually(async () => {
    const { code, stdout } = await run([...status, '--json', ...words], { cwd });
    const report: unknown = { code, ...JSON.parse(stdout) };
    expect(report).toMatchObject(expected);
    return report;
  });
}

describeOurs('--status', () => {
  it('shows the workers of a superdaemon that serves, and exits 0', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    await using superdaemon = startSuperdaemon(['--interval=0', ...files, ...sleeper], { cwd });
    await eventually(() => expect(existsSync(dir.join('status'))).toBe(true));
    const [, worker = ''] = readFileSync(dir.join('status'), 'utf8').trim().split(':');
    const { code, stdout, stderr } = await run(status, { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [first, log, headings, row] = stdout.split('\n');
    expect(first).toMatch(new RegExp(`^superdaemon ${superdaemon.pid}, version .+: serving$`));
    expect(log).toMatch(/^log: \/.*\/stderr$/);
    expect(headings).toMatch(/^GENERATION +ROLE +PID +UP SINCE +MEMORY +CPU +COMMAND$/);
    expect(row).toMatch(
      new RegExp(`^ +1 +current +${worker} +[-\\d]+ [:\\d]+ +[.\\d]+ MiB +0\\.0 s +sleep 1000$`),
    );
  });

  it('in JSON has each worker’s generation, role, pid, start, memory, command and own words', async () => {
    using dir = tempDir();
    const told = notes(dir, { all: 'pipe STATUS=warm and well\\nREADY=1\\n' });
    const args = ['--ready=notify', ...files, '--', ...teller];
    const before = Date.now();
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path, env: told.env });
    const report = await statusWhere(dir.path, {
      code: 0,
      serving: true,
      superdaemon: { pid: superdaemon.pid, version: expect.any(String) },
      workers: [{ generation: 1, role: 'current', command: teller, status: 'warm and well' }],
    });
    const [worker] = (report as { workers: { pid: number; upSince: string; memoryBytes: number }[] }).workers;
    expect(readFileSync(dir.join('status'), 'utf8')).toBe(`1:${worker?.pid}\n`);
    expect(worker?.memoryBytes).toBeGreaterThan(500_000);
    expect(Date.parse(worker?.upSince ?? '')).toBeGreaterThan(before - 1000);
    expect(Date.parse(worker?.upSince ?? '')).toBeLessThanOrEqual(Date.now());
  });

  it('tells the generations of a deploy apart', async () => {
    using dir = tempDir();
    const notes = transcript(dir, { 1: 'deaf' });
    const args = ['--interval=0', ...files, '--', ...actor];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path, env: notes.env });
    await notes.waitFor('1 started');
    superdaemon.signal('SIGHUP');
    await statusWhere(dir.path, {
      code: 0,
      workers: [
        { generation: 1, role: 'leaving' },
        { generation: 2, role: 'current' },
      ],
    });
  });

  it('exits 1 while no worker serves yet', async () => {
    using dir = tempDir();
    await using _superdaemon = startSuperdaemon(['--interval=1000', ...files, ...sleeper], { cwd: dir.path });
    await eventually(() => expect(readFileSync(dir.join('pid'), 'utf8')).not.toBe(''));
    await statusWhere(dir.path, { code: 1, serving: false, workers: [{ generation: 1, role: 'starting' }] });
  });

  it.each([[[]], [['--json']]])('exits 3 with a line when no superdaemon runs: %j', async (words) => {
    using dir = tempDir();
    const { code, stdout, stderr } = await run([...status, ...words], { cwd: dir.path });
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/^start-server: --pid-file=pid: no such file, .*: no superdaemon is running\n$/);
  });

  it.each([
    [['--status'], '--status: needs --pid-file'],
    [['--json', '--', 'true'], '--json: needs --status'],
    [['--status', '--stop', '--pid-file=pid'], '--status: not together with --stop'],
    [['--watch', '--', 'true'], '--watch: needs --status'],
    [['--status', '--watch', '--json', '--pid-file=pid'], '--watch: not together with --json'],
    [['--status', '--watch=0', '--pid-file=pid'], '--watch=0: at least 0.1 seconds'],
    [['--status', '--watch=soon', '--pid-file=pid'], '--watch=soon: not a number of seconds'],
  ])('%j is refused: %s', async (words, error) => {
    expect(await run(words)).toMatchObject({ code: 1, stderr: `start-server: ${error}\n` });
  });

  it.each([
    [['--status', 'out']],
    [['--status=out']],
    [['--stat=out']],
  ])('is --status-file, as in the original, with a word behind it: %j', async (words) => {
    using dir = tempDir();
    const args = ['--interval=0', ...words, ...sleeper];
    await using _superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await eventually(() => expect(readFileSync(dir.join('out'), 'utf8')).toMatch(/^1:\d+\n$/));
  });
});

const theReference = ['sh', '-c', 'shift; exec /usr/bin/start_server "$@"', 'sh'];

describeWhere('--status of the original', ['test', '-x', '/usr/bin/start_server'], () => {
  it('goes by its status file, and says that it needs it', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    const args = ['--interval=0', ...files, ...sleeper];
    await using superdaemon = startSuperdaemon(args, { cwd, via: theReference });
    await eventually(() => expect(existsSync(dir.join('status'))).toBe(true));
    await statusWhere(
      cwd,
      {
        code: 0,
        superdaemon: { pid: superdaemon.pid, version: null },
        workers: [{ generation: 1, role: 'current', command: ['sleep', '1000'], status: null }],
      },
      ['--status-file=status'],
    );
    const { code, stderr } = await run(status, { cwd });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `start-server: --pid-file=pid: superdaemon ${superdaemon.pid} does not answer: --status needs its --status-file\n`,
    });
  });
});

const onTerminal = ['sh', '-c', 'exec script -qec "exec $*" /dev/null', 'sh'];

describeWhere('--status on a terminal', ['script', '--version'], () => {
  it.each([
    ['is coloured', {}, true],
    ['is not where NO_COLOR is set', { NO_COLOR: '1' }, false],
    ['is not on a dumb terminal', { TERM: 'dumb' }, false],
  ])('%s', async (_what, env, coloured) => {
    using dir = tempDir();
    const cwd = dir.path;
    await using _superdaemon = startSuperdaemon(['--interval=0', ...files, ...sleeper], { cwd });
    await statusWhere(cwd, { code: 0 });
    const { stdout } = await run(status, { cwd, env: { TERM: 'xterm', ...env }, via: onTerminal });
    expect(stdout).toContain('current');
    expect(stdout.includes('\u001b[')).toBe(coloured);
  });
});
