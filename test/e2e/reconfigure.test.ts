import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { STATE_FORMAT } from '../../src/upgrade/upgrade-state.ts';
import { ask } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { freePort, freePortRow } from '../support/free-port.ts';
import { describeOurs } from '../support/ours.ts';
import { openDescriptors } from '../support/proc.ts';
import { releases } from '../support/release.ts';
import { run } from '../support/run.ts';
import { type Superdaemon, startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';
import { echoPerl } from '../support/workers.ts';

const files = ['--interval=0', '--max-start-attempts=2', '--pid-file=pid', '--status-file=status'];
const other = ['sh', '-c', 'exec "$@"', 'other', ...echoPerl];

function start(dir: TempDir, args: readonly string[]): Superdaemon {
  return startSuperdaemon([...files, ...args], { cwd: dir.path });
}

function reconfigure(dir: TempDir, args: readonly string[], cwd = dir.path) {
  return run(['--upgrade', ...files, ...args], { cwd });
}

const text = (dir: TempDir, name: string) => readFileSync(dir.join(name), 'utf8');
const serves = (dir: TempDir, generation: number) =>
  eventually(() => expect(text(dir, 'status')).toMatch(new RegExp(`^${generation}:\\d+\\n$`)));

async function status(dir: TempDir) {
  const { stdout } = await run(['--status', '--json', '--pid-file=pid'], { cwd: dir.path });
  return JSON.parse(stdout) as {
    workers: {
      generation: number;
      worker?: number;
      pid: number;
      role: string;
      earlier?: true;
      command: string[];
    }[];
    sockets: { option: string; earlier?: true }[];
  };
}

describeOurs('a new command line', () => {
  it('is what serves, with the sockets that both name, and what only the old one named is gone', async () => {
    using dir = tempDir();
    const [kept, gone, added] = [await freePort(), await freePort(), await freePort()];
    const at = (port: number) => ({ host: '127.0.0.1', port });
    const before = [`--port=127.0.0.1:${kept}`, `--port=127.0.0.1:${gone}`, '--path=old'];
    await using superdaemon = start(dir, [...before, '--', ...echoPerl]);
    await serves(dir, 1);
    const inode = socketAt(superdaemon.pid, kept);
    const after = [`--port=127.0.0.1:${added}`, `--port=127.0.0.1:${kept}=9`, '--path=new'];
    const args = ['--wait-timeout=60', ...after, '--', ...other];
    expect(await reconfigure(dir, args)).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^deployed: generation 2, pid \d+, /m),
    });
    for (const target of [at(kept), at(added), { path: dir.join('new') }])
      expect(await ask(target)).toMatchObject({ generation: 2 });
    expect(socketAt(superdaemon.pid, kept)).toBe(inode);
    await expect(ask(at(gone))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(existsSync(dir.join('old'))).toBe(false);
    const words = readFileSync(`/proc/${superdaemon.pid}/cmdline`, 'utf8').trimEnd().replace(/\0+$/, '');
    expect(words.split('\0').slice(-args.length - files.length + 1)).toEqual([
      ...files,
      ...after,
      '--',
      ...other,
    ]);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(superdaemon.processes()).toEqual([]);
    expect(existsSync(dir.join('new'))).toBe(false);
  });

  it('stays: a HUP, --restart, an upgrade and a start after a SIGKILL go by it, and it costs no descriptor', async () => {
    using dir = tempDir();
    const now = ['--path=sock', '--', ...other];
    await using superdaemon = start(dir, ['--path=old', '--path=sock', '--', ...echoPerl]);
    await serves(dir, 1);
    const before = await openDescriptors(superdaemon.pid);
    expect(await reconfigure(dir, now)).toMatchObject({ code: 0 });
    superdaemon.signal('SIGHUP');
    await serves(dir, 3);
    expect(await run(['--upgrade', '--pid-file=pid', '--quiet'], { cwd: dir.path })).toMatchObject({
      code: 0,
    });
    expect(await openDescriptors(superdaemon.pid)).toBeLessThanOrEqual(before + 1);
    expect(await run(['--restart', '--pid-file=pid', '--quiet'], { cwd: dir.path })).toMatchObject({
      code: 0,
    });
    expect((await status(dir)).workers).toMatchObject([{ generation: 4, command: other.slice(4) }]);
    superdaemon.signal('SIGKILL');
    await superdaemon.exit;
    await using next = start(dir, now);
    await next.waitForLine(/^taking over worker \d+ of generation 4/);
    await serves(dir, 5);
    expect(await ask({ path: dir.join('sock') })).toMatchObject({ generation: 5 });
  });

  it('may move the ports of single workers to where others of them have been', async () => {
    using dir = tempDir();
    const first = await freePortRow(3);
    const ports = (port: number) => ['--workers=2', `--worker-port=127.0.0.1:${port}`, '--', ...echoPerl];
    await using superdaemon = start(dir, ports(first));
    await superdaemon.waitForLine('all 2 workers of generation 1');
    expect(await reconfigure(dir, ports(first + 1))).toMatchObject({ code: 0 });
    const pids = text(dir, 'status').trimEnd().split('\n');
    const answers = await Promise.all([1, 2].map((n) => ask({ host: '127.0.0.1', port: first + n })));
    expect(answers.map(({ generation, pid }) => `${generation}:${pid}`)).toEqual(pids);
    await expect(ask({ host: '127.0.0.1', port: first })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('makes a pool of one worker and one worker of a pool, and each worker is told what it is', async () => {
    using dir = tempDir();
    const told = 'echo $SERVER_STARTER_GENERATION:$SERVER_STARTER_WORKER >> told; exec sleep 1000';
    const app = ['--', 'sh', '-c', told];
    const slots = async () => (await status(dir)).workers.map(({ worker }) => worker);
    await using superdaemon = start(dir, app);
    await serves(dir, 1);
    expect(await reconfigure(dir, ['--workers=3', ...app])).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^deployed: generation 2, 3 workers, /m),
    });
    expect(await slots()).toEqual([0, 1, 2]);
    superdaemon.signal('SIGTTIN');
    await superdaemon.waitForLine('all 4 workers of generation 2');
    expect(await reconfigure(dir, app)).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^deployed: generation 3, pid \d+, /m),
    });
    expect(await slots()).toEqual([undefined]);
    expect(text(dir, 'status')).toMatch(/^3:\d+\n$/);
    expect(text(dir, 'told').trimEnd().split('\n').sort()).toEqual(['1:', '2:0', '2:1', '2:2', '2:3', '3:']);
    expect(await run(['--scale=2', '--pid-file=pid'], { cwd: dir.path })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('it was started without --workers'),
    });
    const [only] = (await status(dir)).workers;
    process.kill(only?.pid ?? 0, 'SIGKILL');
    await serves(dir, 4);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });

  it('may name other files, which take the place of the old ones', async () => {
    using dir = tempDir();
    const log = ['--log-file=first', '--metrics-file=metrics'];
    await using superdaemon = start(dir, [...log, '--', ...echoPerl]);
    await serves(dir, 1);
    const now = ['--status-file=other', '--log-file=| cat >> second', '--log-format=json', '--', ...echoPerl];
    expect(await reconfigure(dir, now)).toMatchObject({ code: 0 });
    expect(text(dir, 'other')).toMatch(/^2:\d+\n$/);
    expect([existsSync(dir.join('status')), existsSync(dir.join('metrics'))]).toEqual([false, false]);
    await eventually(() => expect(text(dir, 'second')).toContain('"event":"deployed"'));
    expect(text(dir, 'first')).not.toContain('deployed');
    expect(
      await run(['--upgrade', ...files, '--log-file=third', '--', ...echoPerl], { cwd: dir.path }),
    ).toMatchObject({ code: 0 });
    await eventually(() => expect(text(dir, 'third')).toContain('new worker is now running'));
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    await eventually(() => expect(superdaemon.processes()).toEqual([]));
  });

  it('may ask otherwise when a worker is ready, while those who said so in the old way live on', async () => {
    using dir = tempDir();
    const silent = ['sh', '-c', 'trap "" TERM; echo >&$NOTIFY_FD; while :; do sleep 1; done'];
    const before = ['--ready=notify', '--watchdog=60', '--kill-old-timeout=1'];
    await using superdaemon = start(dir, [...before, '--', ...silent]);
    await serves(dir, 1);
    const exec = [
      `--ready=exec:test -e ${dir.join('go')}`,
      '--kill-old-timeout=1',
      '--path=s',
      '--',
      ...echoPerl,
    ];
    writeFileSync(dir.join('go'), '');
    expect(await reconfigure(dir, exec)).toMatchObject({ code: 0 });
    expect(await ask({ path: dir.join('s') })).toMatchObject({ generation: 2 });
    const back = ['--ready=notify', '--', 'sh', '-c', 'echo >&$NOTIFY_FD; exec sleep 1000'];
    expect(await reconfigure(dir, back)).toMatchObject({ code: 0 });
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });
});

describeOurs('a new command line whose program does not start', () => {
  it('leaves the old generation to serve by the old one, and --status says so', async () => {
    using dir = tempDir();
    await using superdaemon = start(dir, ['--path=old', '--', ...echoPerl]);
    await serves(dir, 1);
    expect(await reconfigure(dir, ['--path=new', '--ready=notify', '--', 'false'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        'upgrade failed: the options are new, the workers are not: gave up after 2',
      ),
    });
    const before = await ask({ path: dir.join('old') });
    expect(await status(dir)).toMatchObject({
      workers: [{ generation: 1, role: 'current', earlier: true }],
      sockets: [{ option: '--path=new' }, { option: '--path=old', earlier: true }],
    });
    process.kill(before.pid, 'SIGKILL');
    await eventually(async () => {
      const { pid } = await ask({ path: dir.join('old') });
      expect(pid).not.toBe(before.pid);
    });
    expect((await status(dir)).workers).toMatchObject([{ role: 'current', earlier: true }]);
    expect(await run(['--upgrade', '--pid-file=pid', '--quiet'], { cwd: dir.path })).toMatchObject({
      code: 0,
    });
    expect(await reconfigure(dir, ['--path=new', '--', ...echoPerl])).toMatchObject({ code: 0 });
    expect([existsSync(dir.join('old')), existsSync(dir.join('new'))]).toEqual([false, true]);
    expect((await status(dir)).sockets).toHaveLength(1);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });
});

describeOurs('a new command line with another number of workers whose program does not start', () => {
  it('takes none from the pool that serves on, until a deploy of it succeeds', async () => {
    using dir = tempDir();
    const slots = async () =>
      (await status(dir)).workers.map(({ generation, worker }) => [generation, worker]);
    const all = [0, 1, 2].map((worker) => [1, worker]);
    await using superdaemon = start(dir, ['--workers=3', '--', 'sleep', '1000']);
    await superdaemon.waitForLine('all 3 workers of generation 1');
    const broken = ['--workers=1', '--', 'sh', '-c', 'test -e mended && exec sleep 1000'];
    expect(await reconfigure(dir, broken)).toMatchObject({ code: 1 });
    expect(await slots()).toEqual(all);
    const pid = (await status(dir)).workers[2]?.pid ?? 0;
    process.kill(pid, 'SIGKILL');
    await eventually(async () => {
      expect((await status(dir)).workers.map((each) => each.pid)).not.toContain(pid);
      expect(await slots()).toEqual(all);
    });
    const ask = (...args: string[]) => run([...args, '--pid-file=pid'], { cwd: dir.path });
    expect(await ask('--upgrade', '--quiet')).toMatchObject({ code: 0 });
    expect(await slots()).toEqual(all);
    writeFileSync(dir.join('mended'), '');
    const { code, stderr } = await ask('--restart');
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining(', 1 worker, ') });
    await eventually(async () => expect(await slots()).toEqual([[expect.any(Number), 0]]));
  });

  it('grows with the --restart that tries it again, which waits for all of its workers', async () => {
    using dir = tempDir();
    await using superdaemon = start(dir, ['--workers=1', '--', 'sleep', '1000']);
    await superdaemon.waitForLine('the only worker of generation 1');
    const broken = ['--interval=1', '--workers=3', '--', 'sh', '-c', 'test -e mended && exec sleep 1000'];
    expect(await reconfigure(dir, broken)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('the options are new, the workers are not: '),
    });
    writeFileSync(dir.join('mended'), '');
    const { code, stderr } = await run(['--restart', '--pid-file=pid'], { cwd: dir.path });
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining(', 3 workers, ') });
    expect(text(dir, 'status')).toMatch(/^(?:\d+:\d+\n){3}$/);
  });
});

describeOurs('a new command line that is refused', () => {
  it('changes nothing, and the reason is the last line', { timeout: 60_000 }, async () => {
    using dir = tempDir();
    const [port, taken] = [await freePort(), await freePort()];
    await using stranger = startSuperdaemon([`--port=127.0.0.1:${taken}`, '--', 'sleep', '1000']);
    await stranger.waitForLine(/^starting new worker/);
    const args = ['--log-file=log', `--port=127.0.0.1:${port}`, '--path=sock', '--', ...echoPerl];
    await using superdaemon = start(dir, args);
    await serves(dir, 1);
    const worker = await ask({ path: dir.join('sock') });
    const descriptors = await openDescriptors(superdaemon.pid);
    const log = '--log-file=log';
    const refused: [args: string[], reason: string, cwd?: string][] = [
      [
        [log, '--path=new', `--port=127.0.0.1:${taken}`, '--', 'app'],
        'cannot start the worker: app: not found',
      ],
      [
        [log, '--path=new', `--port=127.0.0.1:${taken}`, '--', 'true'],
        `--port=127.0.0.1:${taken}: cannot listen`,
      ],
      [['--log-file=no/such', '--', 'true'], '--log-file=no/such: cannot open'],
      [[log, '--envdir=nowhere', '--', 'true'], '--envdir=nowhere: cannot read'],
      [[log, '--status-file=no/such', '--', 'true'], '--status-file=no/such: cannot write'],
      [
        [log, '--port=127.0.0.1:1=5', '--path=x', '--port=u9=5', '--', 'true'],
        'descriptor 5 is asked for twice',
      ],
      [[log, `--pid-file=${realpathSync(dir.path)}/pid`, '--', 'true'], 'would mean another place', '/'],
    ];
    for (const [words, reason, cwd] of refused) {
      const { code, stderr } = await reconfigure(dir, words, cwd);
      const seen = { code: 1, stderr: expect.stringContaining(reason) };
      expect({ code, stderr }, words.join(' ')).toMatchObject(seen);
      expect(existsSync(dir.join('new'))).toBe(false);
    }
    expect(await ask({ path: dir.join('sock') })).toEqual(worker);
    expect(await openDescriptors(superdaemon.pid)).toBe(descriptors);
    expect((await status(dir)).sockets).toHaveLength(2);
  });

  it('is so for a program that is older, or ends while it is tried: nothing that it would have is left', async () => {
    using dir = tempDir();
    const own = releases(dir);
    own.install('first');
    const via = ['sh', '-c', 'shift; exec "$0" "$@"', own.program];
    const options = { cwd: dir.path, via };
    await using superdaemon = startSuperdaemon([...files, '--path=sock', '--', ...echoPerl], options);
    await serves(dir, 1);
    const worker = await ask({ path: dir.join('sock') });
    own.install('older', (bundle) =>
      bundle
        .replace(`format:literal(${STATE_FORMAT})`, `format:literal(${STATE_FORMAT - 1})`)
        .replace(`format!==${STATE_FORMAT}`, `format!==${STATE_FORMAT - 1}`)
        .replace(`read \${${STATE_FORMAT}} only`, `read ${STATE_FORMAT - 1} only`),
    );
    expect(await reconfigure(dir, ['--path=sock', '--path=new', '--', ...other])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^start-server: upgrade failed: .*we read \d+ only$/m),
    });
    expect(existsSync(dir.join('new'))).toBe(false);
    own.install('dying', (bundle) =>
      bundle.replace(/function answerTrial\([^)]*\) ?\{/, '$&process.exit(9);'),
    );
    expect(await reconfigure(dir, ['--path=sock', '--path=new', '--', ...other])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('upgrade failed: '),
    });
    expect(existsSync(dir.join('new'))).toBe(false);
    expect(await ask({ path: dir.join('sock') })).toEqual(worker);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });
});

describeOurs('--upgrade', () => {
  it('with a command says of a superdaemon that is older what to do first, and changes nothing', async () => {
    using dir = tempDir();
    const own = releases(dir);
    own.install('older', (bundle) => bundle.replace('reconfigures:!0,', ''));
    const via = ['sh', '-c', 'shift; exec "$0" "$@"', own.program];
    await using superdaemon = startSuperdaemon([...files, '--path=sock', '--', ...echoPerl], {
      ...{ cwd: dir.path, via },
    });
    await serves(dir, 1);
    expect(await reconfigure(dir, ['--path=sock', '--', ...other])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/takes no new options: upgrade it first, without a command line\n$/),
    });
    expect(await ask({ path: dir.join('sock') })).toMatchObject({ generation: 1 });
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });

  it('without a command goes by the old command line, and says what it ignores', async () => {
    using dir = tempDir();
    await using superdaemon = start(dir, ['--path=sock', '--', ...echoPerl]);
    await serves(dir, 1);
    const { code, stderr } = await reconfigure(dir, ['--path=new']);
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^start-server: warning: --upgrade ignores .*--path/m),
    });
    expect(existsSync(dir.join('new'))).toBe(false);
    expect(superdaemon.log()).not.toContain('options are now');
  });

  describe.each([
    ['--json', '--json: needs --status'],
    ['--cancel', '--cancel: needs --restart'],
    ['--watch', '--watch: needs --status'],
    ['--dry-run', '--upgrade: not together with --dry-run'],
    ['--restart', '--upgrade: not together with --restart'],
    ['--scale=2', '--upgrade: not together with --scale'],
    ['--surge=1', '--surge: needs --workers'],
    ['--backlog=x', '--backlog=x: not a'],
  ])('with %s', (option, reason) => {
    it('and a command is refused before anybody is asked', async () => {
      using dir = tempDir();
      const { code, stderr } = await reconfigure(dir, [option, '--', 'true']);
      expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining(reason) });
    });
  });

  it('with a command line that is too long for a superdaemon says so', async () => {
    using dir = tempDir();
    const { code, stderr } = await reconfigure(dir, ['--', 'true', 'x'.repeat(70_000)]);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('is too long') });
  });
});

/** The inode of the socket that listens at this port. */
function socketAt(pid: number, port: number): string | undefined {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const lines = readFileSync(`/proc/${pid}/net/tcp`, 'utf8').split('\n');
  return lines
    .find((line) => line.includes(`0100007F:${hex} 00000000:0000 0A`))
    ?.trim()
    .split(/\s+/)[9];
}
