import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { describeOurs } from '../support/ours.ts';
import { run } from '../support/run.ts';
import { type Superdaemon, startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

// Most of the time all of them wait.
vi.setConfig({ maxConcurrency: 4 });

const files = ['--pid-file=pid', '--status-file=status'];
const restart = ['--restart', ...files];
/** Serves, unless the release is broken, and does not mind a signal. */
const release = ['--', 'sh', '-c', 'trap "" TERM; test ! -e broken || exit 3; sleep 1000'];

async function serving(dir: TempDir, args: readonly string[] = []): Promise<Superdaemon> {
  const superdaemon = startSuperdaemon(['--interval=1', ...args, ...files, ...release], { cwd: dir.path });
  await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^1:\d+\n$/));
  return superdaemon;
}

describeOurs('a deploy of a release that does not come up', () => {
  it.concurrent('is seen to fail, is called off by --cancel, and then is no more', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    await using superdaemon = await serving(dir, ['--log-file=log']);
    writeFileSync(dir.join('broken'), '');
    await using client = startSuperdaemon(restart, { cwd });
    const hint = `what the program said is in ${dir.join('log')}; --restart --cancel gives the deploy up`;
    await client.waitForLine(hint);
    const [report] = await Promise.all([
      run(['--status', '--json', '--pid-file=pid'], { cwd }),
      client.waitForLine(/^new worker \d+ seems to have failed to start, exit status:768$/),
    ]);
    expect(JSON.parse(report.stdout)).toMatchObject({
      serving: true,
      lastFailure: { reason: expect.stringMatching(/^new worker \d+ ended with exit status 3$/) },
    });
    const cancel = ['--restart', '--cancel', '--pid-file=pid'];
    const { code, stderr } = await run(cancel, { cwd });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^giving up after \d+ attempts?, generation 1 keeps serving$/m);
    expect(await client.ended()).toEqual({ code: 1, signal: null });
    expect(client.log()).toMatch(
      /^start-server: deploy failed: gave up after \d+ attempts?, generation 1 keeps serving: called off by a client\n/m,
    );
    expect(await run(cancel, { cwd })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^start-server: nothing was called off: no deploy is under way$/m),
    });
    rmSync(dir.join('broken'));
    expect((await run([...restart, '--no-wait-old', '--quiet'], { cwd })).code).toBe(0);
    const after = await run(['--status', '--json', '--pid-file=pid'], { cwd });
    expect(JSON.parse(after.stdout)).toMatchObject({ lastFailure: null });
    expect(superdaemon.processes().length).toBeGreaterThan(0);
  });

  it.concurrent('brings no escape of its own to the terminal', async () => {
    using dir = tempDir();
    const evil = "printf '\\033[2Jcleared\\033]0;title\\007\\233m\\n' >&2; test ! -e broken";
    await using _superdaemon = await serving(dir, [`--check=${evil}`]);
    writeFileSync(dir.join('broken'), '');
    const { code, stderr } = await run(restart, { cwd: dir.path });
    expect(code).toBe(1);
    expect(stderr).toContain('check: ?[2Jcleared?]0;title?');
    expect(stderr).not.toMatch(/[^\P{Cc}\n]/u);
    const named = await run(['--stop', '--pid-file=\u001b[2J'], { cwd: dir.path });
    expect(named.stderr).toBe(
      `start-server: --pid-file=?[2J: no such file, ${dir.path}/?[2J: no superdaemon is running\n`,
    );
  });
});

describeOurs('a crash loop', () => {
  it.concurrent('is told by --status: what happened, how often, and when it is tried again', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    const args = ['--interval=1', ...files, '--', 'sh', '-c', 'kill -9 $$'];
    await using _superdaemon = startSuperdaemon(args, { cwd });
    await eventually(async () => {
      const { code, stdout } = await run(['--status', ...files], { cwd });
      expect(code).toBe(1);
      expect(stdout).toMatch(
        /: not serving\nlog: .*\nlast failure: new worker \d+ was ended by SIGKILL \(at .*, \d+ in a row, next attempt at .*\)\nno workers\n$/,
      );
    });
  });
});

describeOurs('--restart', () => {
  it.concurrent('exits 0 when nobody reads its progress, and when its time is longer than a timer', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    const args = ['--interval=0', ...files, '--', 'sleep', '1000'];
    await using _superdaemon = startSuperdaemon(args, { cwd });
    await eventually(() => readFileSync(dir.join('status')));
    const unread = ['sh', '-c', '{ sleep 0.2; "$@"; echo $? >code; } 2>&1 | true; cat code', 'sh'];
    expect((await run(restart, { cwd, via: unread })).stdout).toBe('0\n');
    const patient = await run([...restart, '--wait-timeout=9999999', '--quiet'], { cwd });
    expect(patient).toMatchObject({ code: 0, stderr: '' });
    const talkative = await run([...restart, '--port=80', '--stop', '--', 'new'], { cwd });
    expect(talkative.code).toBe(0);
    expect(talkative.stderr).toMatch(
      /^start-server: warning: --restart ignores --port, --stop, the command\n/,
    );
  });

  it.concurrent('is refused while the superdaemon stops, at once', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    await using superdaemon = await serving(dir, ['--stop-timeout=20']);
    superdaemon.signal('SIGTERM');
    await superdaemon.waitForLine('received TERM');
    const { code, stderr } = await run(restart, { cwd });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'start-server: deploy failed: the superdaemon is stopping\n',
    });
  });
});

describeOurs('an answer that cannot be written', () => {
  it.concurrent.each([
    ['--help'],
    ['--version'],
    ['--completion=bash'],
    ['--dry-run', '--', 'true'],
    ['--status', '--json', '--pid-file=pid'],
  ])('is an error, and a line says so: %s', async (...words) => {
    using dir = tempDir();
    const cwd = dir.path;
    await using _superdaemon = startSuperdaemon([...files, '--', 'sleep', '1000'], { cwd });
    await eventually(() => expect(readFileSync(dir.join('pid'), 'utf8')).not.toBe(''));
    const via = ['sh', '-c', 'exec "$@" >/dev/full', 'sh'];
    const { code, stderr } = await run(words, { cwd, via });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'start-server: cannot write to standard output: no space left on device\n',
    });
  });

  it.concurrent('is one, too, when standard output is closed, and nothing else gets its number', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    await using _superdaemon = startSuperdaemon([...files, '--', 'sleep', '1000'], { cwd });
    await eventually(() => expect(readFileSync(dir.join('pid'), 'utf8')).not.toBe(''));
    const via = ['sh', '-c', 'exec "$@" >&-', 'sh'];
    for (const words of [['--version'], ['--status', '--pid-file=pid']])
      expect(await run(words, { cwd, via })).toMatchObject({
        code: 1,
        stderr: 'start-server: cannot write to standard output: bad file descriptor\n',
      });
    expect(await run(['--stop', '--quiet', '--pid-file=pid'], { cwd, via })).toMatchObject({ code: 0 });
  });

  it.concurrent('is one, too, when the reader has gone', async () => {
    using dir = tempDir();
    const via = ['sh', '-c', '{ "$@"; echo "exit status $?" >&2; } | true', 'sh'];
    // Its reader is `true`, which has ended long before Node has started.
    const { stderr } = await run(['--help=all'], { cwd: dir.path, via });
    expect(stderr).toBe('start-server: cannot write to standard output: broken pipe\nexit status 1\n');
  });
});
