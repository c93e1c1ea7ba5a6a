import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { ask } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { orphaned } from '../support/orphaned.ts';
import { describeOurs, itLaunched } from '../support/ours.ts';
import { workerPid } from '../support/pids.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';
import { echoPerl } from '../support/workers.ts';

const files = ['--pid-file=pid', '--status-file=status'];
const daemon = ['--daemonize', '--log-file=log', ...files, '--interval=0'];

describeOurs('--daemonize', () => {
  it('returns 0 when the pid file is written and the socket answers, and runs on by itself', async () => {
    using dir = tempDir();
    const port = await freePort();
    const args = [...daemon, `--port=127.0.0.1:${port}`, '--', ...echoPerl];
    await using launcher = startSuperdaemon(args, { cwd: dir.path });
    expect(await launcher.ended()).toEqual({ code: 0, signal: null });
    const pid = Number(readFileSync(dir.join('pid'), 'utf8'));
    expect(launcher.processes()).toContain(pid);
    expect(await ask({ port })).toMatchObject({ generation: 1 });
    expect(launcher.log()).toBe(`start_server (pid:${pid}) starting now...\n`);

    expect(await run(['--stop', '--pid-file=pid'], { cwd: dir.path })).toMatchObject({ code: 0 });
    expect(launcher.processes()).toEqual([]);
    expect(readFileSync(dir.join('log'), 'utf8')).toMatch(/^starting new worker [\s\S]*\nexiting\n$/);
  });

  it('is in a session of its own, which it does not lead, with no terminal and no stream of its caller', async () => {
    using dir = tempDir();
    await using launcher = startSuperdaemon([...daemon, '--', 'sleep', '1000'], { cwd: dir.path });
    await launcher.ended();
    const pid = readFileSync(dir.join('pid'), 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    const [, , , session, terminal] = stat;
    expect(terminal).toBe('0');
    expect([String(launcher.pid), pid]).not.toContain(session);
  });

  itLaunched('takes nothing for itself of what the environment says to Node', async () => {
    using dir = tempDir();
    const env = { NODE_OPTIONS: '--no-such-option' };
    const args = [...daemon, '--', 'sh', '-c', 'echo "$NODE_OPTIONS" >told; exec sleep 1000'];
    await using launcher = startSuperdaemon(args, { cwd: dir.path, env });
    expect(await launcher.ended()).toEqual({ code: 0, signal: null });
    await eventually(() => expect(readFileSync(dir.join('told'), 'utf8')).toBe('--no-such-option\n'));
  });

  it.each([
    'log',
    '| cat > log',
  ])('keeps no stream of its caller, who may wait for its end: %s', async (log) => {
    using dir = tempDir();
    const args = ['--daemonize', `--log-file=${log}`, '--pid-file=pid', '--', 'sleep', '1000'];
    const via = ['sh', '-c', '"$@" 2>&1 | cat >said; echo >>said end', 'sh'];
    await using caller = startSuperdaemon(args, { cwd: dir.path, via });
    expect(await caller.ended()).toEqual({ code: 0, signal: null });
    const pid = readFileSync(dir.join('pid'), 'utf8').trim();
    expect(readFileSync(dir.join('said'), 'utf8')).toBe(`start_server (pid:${pid}) starting now...\nend\n`);
    expect(await run(args, { cwd: dir.path })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`pid ${pid}`),
    });
    expect(await run(['--stop', '--pid-file=pid'], { cwd: dir.path })).toMatchObject({ code: 0 });
    await eventually(() => expect(readFileSync(dir.join('log'), 'utf8')).toMatch(/\nexiting\n$/));
  });

  it.each<[NodeJS.Signals, string, RegExp]>([
    ['SIGINT', 'exec sleep 1000', /^warning: no worker has started yet, still waiting/m],
    ['SIGTERM', 'exit 3', /^new worker \d+ seems to have failed to start, exit status:768$/m],
    ['SIGKILL', 'echo STATUS=warming >&$NOTIFY_FD; exec sleep 1000', /^the worker says: warming$/m],
  ])('shows why it still waits; ended by %s it leaves nothing', async (signal, worker, words) => {
    using dir = tempDir();
    const args = [...daemon, '--path=socket', '--ready=notify', '--', 'sh', '-c', worker];
    await using launcher = startSuperdaemon(args, { cwd: dir.path });
    await launcher.waitForLine(words);
    launcher.signal(signal);
    expect(await launcher.ended()).toEqual({ code: null, signal });
    await eventually(() => expect(launcher.processes()).toEqual([]));
    expect(readdirSync(dir.path)).toEqual(['log']);
  });

  it.each<NodeJS.Signals>([
    'SIGINT',
    'SIGKILL',
  ])('given up by %s it leaves workers that it has taken over alone', async (signal) => {
    using dir = tempDir();
    const [port, cwd] = [await freePort(), dir.path];
    const args = [...files, `--port=127.0.0.1:${port}`];
    await using dead = await orphaned([...args, '--', ...echoPerl], { cwd });
    const orphan = await workerPid(dead);
    const silent = ['--daemonize', '--log-file=log', '--ready=notify', '--workers=2', '--', 'sleep', '1000'];
    await using launcher = startSuperdaemon([...args, ...silent], { cwd });
    await launcher.waitForLine(/^starting new worker \d+$/);
    launcher.signal(signal);
    expect(await launcher.ended()).toEqual({ code: null, signal });
    await eventually(() => expect(launcher.processes()).toEqual([]));
    expect(await ask({ port })).toEqual({ generation: 1, pid: orphan });
    expect(readFileSync(dir.join('log'), 'utf8')).toContain(
      `warning: given up by who started it, workers that were taken over serve on: ${orphan}\n`,
    );
  });

  const slowly = ['--ready=notify', '--workers=2', '--start-at-once=1'];
  /** Ready when the file `go` is there. */
  const worker = 'until test -e go; do sleep 0.05; done; echo >&$NOTIFY_FD; exec sleep 1000';

  it('shows what happens as a client does while it waits, and nothing of it afterwards', async () => {
    using dir = tempDir();
    const args = [...daemon, ...slowly, '--', 'sh', '-c', worker];
    await using launcher = startSuperdaemon(args, { cwd: dir.path });
    await launcher.waitForLine(/^starting new worker \d+$/);
    writeFileSync(dir.join('go'), '');
    expect(await launcher.ended()).toEqual({ code: 0, signal: null });
    expect(launcher.log().replace(/\d+/g, 'N').split('\n')).toEqual([
      'start_server (pid:N) starting now...',
      'starting new worker N',
      'starting new worker N',
      '',
    ]);
  });

  it('has on a terminal a line that lives, and leaves none behind when the start fails', async () => {
    using dir = tempDir();
    const via = ['sh', '-c', 'exec script -qec "exec $*" /dev/null', 'sh'];
    writeFileSync(dir.join('worker'), `test ! -e broken || exit 3; ${worker}`);
    const args = [...daemon, ...slowly, '--', 'sh', 'worker'];
    await using launcher = startSuperdaemon(args, { cwd: dir.path, via });
    await eventually(() =>
      expect(launcher.output()).toMatch(
        /\[2K0 of 2 started; generation 1, worker 0, pid \d+, is starting … \d+\.\d s\r/,
      ),
    );
    writeFileSync(dir.join('go'), '');
    expect(await launcher.ended()).toEqual({ code: 0, signal: null });
    expect(launcher.output()).toMatch(/\[2K$/);
    expect(await run(['--stop', '--pid-file=pid'], { cwd: dir.path })).toMatchObject({ code: 0 });
    writeFileSync(dir.join('broken'), '');
    await using failing = startSuperdaemon(args, { cwd: dir.path, via });
    expect(await failing.ended()).toEqual({ code: 1, signal: null });
    expect(failing.output()).toMatch(
      /\[2Kstart-server: cannot start the worker: giving up after 3 attempts[^\r]*\r\n$/,
    );
  });

  it('shows in JSON alone, if the log is to be JSON', async () => {
    using dir = tempDir();
    writeFileSync(dir.join('go'), '');
    const args = [...daemon, ...slowly, '--log-format=json', '--', 'sh', '-c', worker];
    const { code, stderr } = await run(args, { cwd: dir.path });
    const events = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).event);
    expect({ code, events }).toEqual({
      code: 0,
      events: ['starting', 'worker-starting', 'worker-started', 'worker-starting', 'worker-started'],
    });
  });

  it('tells its caller why a port is not to be had', async () => {
    using dir = tempDir();
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number }; // It listens on a port.
    const args = [`--port=127.0.0.1:${port}`, '--', 'sleep', '1000'];
    expect(await failure(args, dir)).toMatch(new RegExp(`127\\.0\\.0\\.1:${port}.*in use`, 'i'));
    taken.close();
  });

  it.each([
    ['the pid file cannot be made', ['--pid-file=missing/pid', '--', 'sleep', '1000'], 'missing/pid'],
    ['the program is not there', ['--', './no-such-program'], 'no-such-program'],
    ['the directory for the socket is not there', ['--path=missing/s', '--', 'sleep', '1000'], 'missing/s'],
    ['the log is a directory', ['--log-file=directory', '--', 'sleep', '1000'], '--log-file=directory'],
  ])('tells its caller when %s', async (_what, words, text) => {
    using dir = tempDir();
    mkdirSync(dir.join('directory'));
    expect(await failure(words, dir)).toContain(text);
  });
});

/** What the caller is told; nothing runs or stays behind then. */
async function failure(words: readonly string[], dir: TempDir): Promise<string> {
  const files = ['--daemonize', '--status-file=status', '--path=socket'];
  const logged = words.some((word) => word.startsWith('--log-file')) ? [] : ['--log-file=log'];
  const result = await run([...files, ...logged, ...words], { cwd: dir.path });
  expect(result.code).toBe(1);
  expect(result.leftBehind).toBe(0);
  expect(['status', 'pid', 'socket'].filter((name) => existsSync(dir.join(name)))).toEqual([]);
  return result.stderr;
}
