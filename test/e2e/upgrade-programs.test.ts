import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { STATE_FORMAT } from '../../src/upgrade/upgrade-state.ts';
import { superdaemonStatus } from '../support/control.ts';
import { eventually } from '../support/eventually.ts';
import { fullPipe } from '../support/full-pipe.ts';
import { describeOurs } from '../support/ours.ts';
import { workerPid } from '../support/pids.ts';
import { freeze, openDescriptors, stateOf } from '../support/proc.ts';
import { type Releases, releases } from '../support/release.ts';
import { run } from '../support/run.ts';
import { type Superdaemon, startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const upgrade = ['--upgrade', '--pid-file=pid'];
const version = (to: string) => (bundle: string) => bundle.replaceAll('version:"0.1.0"', `version:"${to}"`);

interface Installed extends AsyncDisposable {
  readonly dir: TempDir;
  readonly releases: Releases;
  readonly superdaemon: Superdaemon;
}

/** A superdaemon that was started from a release of its own and serves. */
async function installed(log = '/dev/stderr'): Promise<Installed> {
  const dir = tempDir();
  const own = releases(dir);
  own.install('first');
  const options = ['--interval=0', '--pid-file=pid', '--status-file=status'];
  const superdaemon = startSuperdaemon([...options, '--', 'sleep', '1000'], {
    cwd: dir.path,
    // In the place of the program that is put behind these words.
    via: ['sh', '-c', 'log=$1; shift 2; exec "$0" "$@" 2>>"$log"', own.program, log],
  });
  await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^1:/));
  return {
    dir,
    releases: own,
    superdaemon,
    [Symbol.asyncDispose]: async () => {
      await superdaemon[Symbol.asyncDispose]();
      dir[Symbol.dispose]();
    },
  };
}

/** Has a program that is tried wait until the file is there. */
function waitingFor(file: string): string {
  const rest = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)';
  return `if (process.argv.includes('--try-upgrade')) while (!require('fs').existsSync('${file}')) ${rest};`;
}

function children(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
}

/** The same superdaemon serves, of the same version, with the same worker. */
async function servesOn({ dir, superdaemon }: Installed, version: string): Promise<void> {
  expect(await superdaemonStatus(dir.join('pid'))).toMatchObject({
    version,
    pid: superdaemon.pid,
    workers: [{ generation: 1, phase: 'current' }],
  });
  superdaemon.signal('SIGTERM');
  expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  expect(superdaemon.processes()).toEqual([]);
}

describeOurs.concurrent('--upgrade', () => {
  it('has another version take over, and returns 0 when it has', async () => {
    await using all = await installed();
    all.releases.install('second', version('9.9.9'));
    const { code, stderr } = await run(upgrade, { cwd: all.dir.path });
    expect(code).toBe(0);
    expect(stderr.replace(/\d+\.\d s$/m, 'N s').split('\n')).toEqual([
      'received USR2, replacing this program by the one on the disk',
      'replaced version 0.1.0 by version 9.9.9',
      `upgraded: version 0.1.0 to version 9.9.9, pid ${all.superdaemon.pid}, N s`,
      '',
    ]);
    all.releases.install('third', version('9.9.10'));
    expect(await run([...upgrade, '--quiet'], { cwd: all.dir.path })).toMatchObject({ code: 0, stderr: '' });
    await servesOn(all, '9.9.10');
  });

  it.each<[string, (bundle: string) => string, RegExp]>([
    ['does not even parse', () => 'this is no JavaScript', /: SyntaxError: Unexpected identifier/],
    [
      'ends at once, in good humour',
      () => 'process.exit(0)',
      /does not say that it can take over: it says ''$/,
    ],
    ['says nothing for ever', () => 'setInterval(() => {}, 1000)', /was still running after 10 secs/],
    [
      'takes over in another format only',
      (bundle) =>
        bundle
          .replace(`format:literal(${STATE_FORMAT})`, 'format:literal(99)')
          .replace(`format!==${STATE_FORMAT}`, 'format!==99')
          .replace(`read \${${STATE_FORMAT}} only`, 'read 99 only'),
      /cannot take over: version 0\.1\.0 writes its state in format \d+, we read 99 only/,
    ],
    [
      'knows nothing of taking over',
      (bundle) => bundle.replaceAll('START_SERVER_STATE', 'START_SERVER_NOTHING'),
      /start-server: --try-upgrade: no such option/,
    ],
    [
      'unblocks signals in spite of all',
      (bundle) => bundle.replaceAll('start_server_hold', 'start_server_nothing'),
      /cannot take over: Node does not let signals wait here/,
    ],
  ])('exits 1 with the reason when the new program %s; the old one goes on', async (_what, change, reason) => {
    await using all = await installed();
    all.releases.install('broken', change);
    const { code, stderr } = await run(upgrade, { cwd: all.dir.path, withinMs: 30_000 });
    expect(code).toBe(1);
    const [last = ''] = stderr.trimEnd().split('\n').slice(-1);
    expect(last).toMatch(
      /^start-server: upgrade failed: \S+\/start-server (exited with status 1|was still running|does not say)/,
    );
    expect(last).toMatch(reason);
    expect(all.superdaemon.log()).toContain(`cannot be replaced, going on: ${last.split('failed: ')[1]}\n`);
    await servesOn(all, '0.1.0');
  });

  it('exits 1 when the program has gone from the disk; the old one goes on', async () => {
    await using all = await installed();
    rmSync(all.releases.program);
    const { code, stderr } = await run(upgrade, { cwd: all.dir.path });
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no such file or directory'),
    });
    await servesOn(all, '0.1.0');
  });

  it('exits 1 when nobody reads the log: what waits there would be lost', async () => {
    using pipes = tempDir();
    using _full = await fullPipe(pipes.join('pipe'));
    await using all = await installed(pipes.join('pipe'));
    const { code, stderr } = await run([...upgrade, '--quiet'], { cwd: all.dir.path });
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nobody reads the log'),
    });
    await servesOn(all, '0.1.0');
  });

  it('is told of a death that was reaped before it could be reported, with its status', async () => {
    await using all = await installed();
    const { dir, superdaemon } = all;
    all.releases.install('slow', (bundle) => `${waitingFor(dir.join('go'))}\n${bundle}`);
    superdaemon.signal('SIGUSR2');
    await superdaemon.waitForLine('received USR2');
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine('old worker ');
    const worker = await workerPid(superdaemon, 2);
    const others = () => children(superdaemon.pid).filter((pid) => pid !== worker);
    // A deploy has held it up.
    await eventually(() => expect(others()).toHaveLength(1));
    const trial = others();
    // It wakes to both deaths at once, and the trial was there first.
    await freeze(superdaemon.pid);
    writeFileSync(dir.join('go'), '');
    process.kill(worker, 'SIGKILL');
    await eventually(() => expect([worker, ...trial].map(stateOf)).toEqual(['Z', 'Z']));
    superdaemon.signal('SIGCONT');
    await superdaemon.waitForLine(`worker ${worker} died unexpectedly with status:9, restarting`);
    await superdaemon.waitForLine('replaced version');
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });

  it('exits 2 when the time is up, callbacks what it waited for', async () => {
    await using all = await installed();
    all.releases.install('slow', () => 'setInterval(() => {}, 1000)');
    const { code, stderr } = await run([...upgrade, '--wait-timeout=1'], { cwd: all.dir.path });
    expect(code).toBe(2);
    expect(stderr).toContain(`timed out: superdaemon ${all.superdaemon.pid} has not been replaced`);
  });

  it('exits 3 when no superdaemon runs', async () => {
    using dir = tempDir();
    expect(await run(upgrade, { cwd: dir.path })).toMatchObject({ code: 3 });
    writeFileSync(dir.join('pid'), '1\n');
    expect(await run(upgrade, { cwd: dir.path })).toMatchObject({ code: 3 });
  });

  it('gives two clients that come at once a true answer each', async () => {
    await using all = await installed();
    all.releases.install('second', version('9.9.9'));
    const both = await Promise.all([1, 2].map(() => run([...upgrade, '--quiet'], { cwd: all.dir.path })));
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    await servesOn(all, '9.9.9');
  });

  it('succeeds though a client hangs up while the new program is being tried', async () => {
    await using all = await installed();
    const { dir, superdaemon } = all;
    all.releases.install('slow', (text) => `${waitingFor(dir.join('go'))}\n${version('9.9.9')(text)}`);
    const client = () => startSuperdaemon([...upgrade, '--quiet'], { cwd: dir.path });
    await using first = client();
    await eventually(() => expect(children(superdaemon.pid)).toHaveLength(2));
    const before = await openDescriptors(superdaemon.pid);
    await using second = client();
    await eventually(async () => expect(await openDescriptors(superdaemon.pid)).toBeGreaterThan(before));
    first.signal('SIGKILL');
    await eventually(async () => expect(await openDescriptors(superdaemon.pid)).toBe(before));
    writeFileSync(dir.join('go'), '');
    expect(await second.ended()).toEqual({ code: 0, signal: null });
    await servesOn(all, '9.9.9');
  });
});

describeOurs('what another process says to be handed over', () => {
  it.each(['', '0', 'x y', '77 78'])('is refused in one line: START_SERVER_STATE="%s"', async (text) => {
    const { code, stderr } = await run(['--', 'sleep', '1000'], { env: { START_SERVER_STATE: text } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^start-server: cannot take over: .*\n$/);
  });
});
