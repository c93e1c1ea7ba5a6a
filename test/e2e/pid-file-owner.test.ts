import { chmodSync, chownSync, lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { ENOSYS, forbidding, PIDFD_OPEN } from '../support/forbidden.ts';
import { asOrdinaryUser, ordinaryUserCanRun } from '../support/ordinary-user.ts';
import { describeOurs } from '../support/ours.ts';
import { asPidOne, describeWhere } from '../support/permitted.ts';
import { workerPid } from '../support/pids.ts';
import { run } from '../support/run.ts';
import { bystander, strangerLocking } from '../support/stranger.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';
import { transcript } from '../support/transcript.ts';
import { actor } from '../support/workers.ts';

const files = ['--pid-file=pid', '--status-file=status'];
const sleeper = ['--', 'sleep', '1000'];
const restart = ['--restart', '--quiet', ...files];
const stop = ['--stop', '--quiet', '--pid-file=pid'];
const root = ['test', String(process.geteuid?.()), '=', '0'];
const done = { code: 0, stderr: '' };

const status = (dir: TempDir) => readFileSync(dir.join('status'), 'utf8');
const serves = (dir: TempDir, generation = 1) =>
  eventually(() => expect(status(dir)).toMatch(new RegExp(`^${generation}:\\d+\\n$`)));

describeWhere('a pid file whose lock another user keeps', root, () => {
  it.concurrent('is stale to clients, and no obstacle to a start', async () => {
    using dir = tempDir();
    const { path: cwd } = dir;
    chmodSync(cwd, 0o755);
    await using victim = bystander();
    for (const how of ['sh', 'ex'] as const) {
      writeFileSync(dir.join('pid'), `${victim.pid}\n`);
      await using _stranger = await strangerLocking(dir.join('pid'), how);
      const { code, stderr } = await run(stop, { cwd });
      expect(stderr).toMatch(/^start-server: --pid-file=pid: stale, .*: no superdaemon is running\n$/);
      expect(code).toBe(3);
      await using superdaemon = startSuperdaemon(['--interval=0', ...files, ...sleeper], { cwd });
      await serves(dir);
      expect(readFileSync(dir.join('pid'), 'utf8')).toBe(`${superdaemon.pid}\n`);
      expect(await run(stop, { cwd })).toMatchObject(done);
      expect(readdirSync(cwd)).toEqual([]);
    }
    expect(victim.lives()).toBe(true);
  });
});

describeWhere('a pid file that belongs to another user', root, () => {
  it.concurrent('is refused, and left as it is: its owner could name any process in it', async () => {
    using dir = tempDir();
    writeFileSync(dir.join('pid'), 'theirs\n');
    chownSync(dir.join('pid'), 54_321, 54_321);
    const result = await run([...files, ...sleeper], { cwd: dir.path });
    expect(result).toMatchObject({ code: 1, leftBehind: 0 });
    expect(result.stderr).toMatch(/\nstart-server: --pid-file=pid: belongs to user 54321, .*\n$/);
    expect(readFileSync(dir.join('pid'), 'utf8')).toBe('theirs\n');
  });
});

describeOurs('pid and status file', () => {
  it.concurrent('can be written by nobody else under any umask', async () => {
    using dir = tempDir();
    const via = ['sh', '-c', 'umask 0; exec "$@"', 'sh'];
    await using _superdaemon = startSuperdaemon(['--interval=0', ...files, ...sleeper], {
      cwd: dir.path,
      via,
    });
    await serves(dir);
    expect(['pid', 'status'].map((name) => lstatSync(dir.join(name)).mode & 0o777)).toEqual([0o644, 0o644]);
  });
});

describeOurs('a server that writes its own pid into our pid file', () => {
  it.concurrent('gets no signal of a client: the superdaemon is asked, and stopped', async () => {
    using dir = tempDir();
    const { path: cwd } = dir;
    const worker = ['--', 'sh', '-c', 'echo $$ > pid; exec sleep 1000'];
    await using superdaemon = startSuperdaemon(['--interval=0', ...files, ...worker], { cwd });
    await serves(dir);
    const theirs = `${await workerPid(superdaemon)}\n`;
    await eventually(() => expect(readFileSync(dir.join('pid'), 'utf8')).toBe(theirs));
    expect(await run(restart, { cwd })).toMatchObject(done);
    expect(superdaemon.log()).not.toContain('died unexpectedly');
    expect(superdaemon.log()).toMatch(/^old worker \d+ died, status:15$/m);
    expect(await run(stop, { cwd })).toMatchObject(done);
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });
});

describeOurs('a pid file that names somebody else than who has its lock', () => {
  it.concurrent('is refused in a line where there is nobody to ask, and neither is signalled', async () => {
    using dir = tempDir();
    const { path: cwd } = dir;
    await using victim = bystander();
    const via = ['perl', lateSuperdaemon, 'pid', 'go'];
    await using holder = startSuperdaemon([], { cwd, via });
    await holder.waitForLine('starting');
    writeFileSync(dir.join('pid'), `${victim.pid}\n`);
    const { code, stderr } = await run(stop, { cwd });
    expect(stderr).toBe(
      `start-server: --pid-file=pid: names process ${victim.pid}, but ${holder.pid} has its lock: signalling neither\n`,
    );
    expect(code).toBe(1);
    expect(victim.lives()).toBe(true);
    expect(holder.processes()).toEqual([holder.pid]);
  });
});

describeOurs('a superdaemon that is just starting', () => {
  it.concurrent('is waited for by clients, as long as they may, and nobody is signalled before it has named itself', async () => {
    using dir = tempDir();
    const { path: cwd } = dir;
    await using victim = bystander();
    writeFileSync(dir.join('pid'), `${victim.pid}\n`);
    await using late = startSuperdaemon([], { cwd, via: ['perl', lateSuperdaemon, 'pid', 'go'] });
    await late.waitForLine('starting');
    expect(await run(['--stop', '--pid-file=pid', '--wait-timeout=0.3'], { cwd })).toMatchObject({
      code: 2,
      stderr: 'start-server: --wait-timeout=0.3: timed out: a superdaemon is just starting\n',
    });
    expect(await run(['--status', '--pid-file=pid'], { cwd })).toMatchObject({
      code: 1,
      stderr: 'start-server: --pid-file=pid: empty: a superdaemon is just starting\n',
    });
    const client = run(stop, { cwd });
    writeFileSync(dir.join('go'), '');
    expect(await client).toMatchObject(done);
    expect(await late.ended()).toEqual({ code: 0, signal: null });
    expect(victim.lives()).toBe(true);
  });
});

describeWhere('across pid namespaces', [...asPidOne, 'true'], () => {
  it.concurrent('a client outside finds the superdaemon that is process 1 inside, and shows nobody else’s facts', async () => {
    using dir = tempDir();
    const { path: cwd } = dir;
    const args = ['--interval=0', ...files, ...sleeper];
    await using container = startSuperdaemon(args, { cwd, via: asPidOne });
    await serves(dir);
    expect(readFileSync(dir.join('pid'), 'utf8')).toBe('1\n');
    const shown = JSON.parse((await run(['--status', '--json', '--pid-file=pid'], { cwd })).stdout);
    expect(shown).toMatchObject({ serving: true, workers: [{ role: 'current', command: null }] });
    expect(await run(restart, { cwd })).toMatchObject(done);
    await serves(dir, 2);
    expect(await run(stop, { cwd })).toMatchObject(done);
    expect(await container.ended()).toEqual({ code: 0, signal: null });
  });

  it.concurrent('a client that cannot see it refuses in a line, and signals nobody, not its own process 1', async () => {
    using dir = tempDir();
    const { path: cwd } = dir;
    await using superdaemon = startSuperdaemon(['--interval=0', ...files, ...sleeper], { cwd });
    await serves(dir);
    // A shell is process 1 there, and says what it got.
    const shell = `trap 'echo TERM' TERM; trap 'echo HUP' HUP; echo 1 > pid; "$@"; exit $?`;
    for (const client of [restart, stop]) {
      const result = await run(client, { cwd, via: [...asPidOne, 'sh', '-c', shell, 'sh'] });
      expect(result).toMatchObject({ code: 1, stdout: '' });
      expect(result.stderr).toMatch(/^start-server: --pid-file=pid: .*another pid namespace.*\n$/);
    }
    expect(superdaemon.log()).not.toMatch(/received/);
  });

  it.concurrent('a client with the /proc of another namespace does not take the numbers there for its own', async () => {
    using dir = tempDir();
    const { path: cwd } = dir;
    await using superdaemon = startSuperdaemon(['--interval=0', ...files, ...sleeper], { cwd });
    await serves(dir);
    // Inside, the superdaemon's number is nobody's, or a stranger's.
    for (const client of [restart, stop]) {
      const result = await run([...client, '--wait-timeout=20'], {
        cwd,
        via: ['unshare', '--pid', '--fork'],
      });
      expect(result).toMatchObject({ code: 1, stdout: '' });
      expect(result.stderr).toMatch(/^start-server: --pid-file=pid: .*another pid namespace.*\n$/);
    }
    expect(superdaemon.log()).not.toMatch(/received/);
  });
});

const withoutLocks = [
  'unshare',
  '--mount',
  'sh',
  '-c',
  'mount --bind /dev/null /proc/locks; exec "$@"',
  'sh',
];
const withoutPidfds = forbidding([PIDFD_OPEN], ENOSYS);

describeWhere('where the kernel does not show locks', [...withoutLocks, 'true'], () => {
  it.concurrent('the control socket answers for a superdaemon; one without is refused in a line', async () => {
    using dir = tempDir();
    const { path: cwd } = dir;
    await using superdaemon = startSuperdaemon(['--interval=0', ...files, ...sleeper], { cwd });
    await serves(dir);
    expect(await run(restart, { cwd, via: withoutLocks })).toMatchObject(done);
    expect(await run(stop, { cwd, via: withoutLocks })).toMatchObject(done);
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    await using other = startSuperdaemon([], { cwd, via: ['perl', lateSuperdaemon, 'pid', '.'] });
    await other.waitForLine('starting');
    await eventually(() => expect(readFileSync(dir.join('pid'), 'utf8')).toBe(`${other.pid}\n`));
    const { code, stderr } = await run(stop, { cwd, via: withoutLocks });
    expect(stderr).toMatch(
      /^start-server: --pid-file=pid: locked by a process that cannot be seen from here/,
    );
    expect(code).toBe(1);
    expect(await run(stop, { cwd, via: withoutPidfds })).toMatchObject(done);
  });
});

// Its files are on overlayfs, whose device the kernel's list of locks calls otherwise than stat(2).
const onOverlay = ['unshare', '--mount', 'sh', '-c'];
const overlay = `mkdir low up && mount -t tmpfs none up && mkdir up/up up/work on && : > low/pid &&
  mount -t overlay none -o lowerdir=low,upperdir=up/up,workdir=up/work on && cd on && exec "$@"`;

describeWhere(
  'on a file system with device numbers of its own',
  [...onOverlay, ': overlay; grep overlay /proc/filesystems'],
  () => {
    it.concurrent('clients find the superdaemon all the same', async () => {
      using dir = tempDir();
      const via = [...onOverlay, overlay, 'sh', 'perl', lateSuperdaemon, 'pid', '.'];
      await using superdaemon = startSuperdaemon([], { cwd: dir.path, via });
      await superdaemon.waitForLine('starting');
      const process = `/proc/${superdaemon.pid}`;
      const inside = ['nsenter', `--mount=${process}/ns/mnt`, `--wd=${process}/cwd`];
      expect(await run(stop, { via: inside })).toMatchObject(done);
      expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    });
  },
);

describeOurs('a client of another user’s superdaemon', () => {
  it.skipIf(root[1] !== '0' || !ordinaryUserCanRun()).concurrent(
    'says whose it is and who may run it, whatever it asks for, and is shown what the status file says',
    async () => {
      using dir = tempDir();
      const { path: cwd } = dir;
      chmodSync(cwd, 0o755);
      await using superdaemon = startSuperdaemon(['--interval=0', ...files, ...sleeper], { cwd });
      await serves(dir);
      const { pid } = superdaemon;
      const whose = `start-server: --pid-file=pid: superdaemon ${pid} belongs to another user, root: run this as root`;
      for (const wish of OTHERS_WISHES) {
        const told = await run([...wish, '--pid-file=pid'], { cwd, via: asOrdinaryUser });
        expect({ wish, ...told }).toMatchObject({ wish, code: 1, stdout: '', stderr: `${whose}\n` });
      }
      const look = ['--status', '--pid-file=pid'];
      expect(await run(look, { cwd, via: asOrdinaryUser })).toMatchObject({
        code: 1,
        stderr: `${whose}, or give its --status-file\n`,
      });
      expect(await run([...look, '--status-file=status'], { cwd, via: asOrdinaryUser })).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(`^superdaemon ${pid}: serving\n`),
        stderr: '',
      });
      expect(superdaemon.log()).not.toMatch(/received/);
    },
  );
});

const OTHERS_WISHES = [
  ['--stop'],
  ['--restart'],
  ['--restart', '--status-file=status'],
  ['--restart', '--cancel'],
  ['--scale=2'],
  ['--upgrade'],
  ['--events'],
  ['--metrics'],
];

describeOurs('--stop', () => {
  it.each([
    [
      'names the workers that live on, by the status file',
      ['--status-file=status'],
      /: worker \d+ lives on\n$/,
    ],
    ['says that workers may live on', [], /: its workers may live on\n$/],
  ])('of a superdaemon that is killed before it has stopped exits 1, and %s', async (_what, more, why) => {
    using dir = tempDir();
    const { path: cwd } = dir;
    const { env, waitFor } = transcript(dir, { all: 'deaf' });
    const args = ['--interval=0', ...files, '--', ...actor];
    await using superdaemon = startSuperdaemon(args, { cwd, env });
    await waitFor('1 started');
    const client = run([...stop, ...more], { cwd, withinMs: 20_000 });
    await superdaemon.waitForLine('received TERM');
    superdaemon.signal('SIGKILL');
    const { code, stderr } = await client;
    expect(stderr).toMatch(
      /^start-server: --pid-file=pid: superdaemon \d+ was killed before it had stopped: /,
    );
    expect(stderr).toMatch(why);
    expect(code).toBe(1);
  });
});

describeOurs('a FIFO in the place of the status file', () => {
  it.concurrent('is a line and exit 1 to clients, who wait for nobody', async () => {
    using dir = tempDir();
    const { path: cwd } = dir;
    await using _superdaemon = startSuperdaemon(['--interval=0', ...files, ...sleeper], { cwd });
    await serves(dir);
    rmSync(dir.join('status'));
    await run([], { cwd, via: ['sh', '-c', 'exec mkfifo status', 'sh'] });
    expect(await run(restart, { cwd })).toMatchObject({
      code: 1,
      stderr: 'start-server: --status-file=status: not a regular file\n',
    });
  });
});

describe('a start', () => {
  it.concurrent('does not wait for those who keep the lock of a directory, or let that of the pid file go', async () => {
    using dir = tempDir();
    const { path: cwd } = dir;
    chmodSync(cwd, 0o755);
    await using _stranger = await strangerLocking(cwd, 'ex');
    // Another process has it for the first 150 ms.
    const script = `use Fcntl ':flock'; open my $f, '>', 'pid'; flock $f, LOCK_EX;
      fork or do { select undef, undef, undef, 0.15; exit }; exec @ARGV`;
    const paths = [1, 2, 3, 4, 5, 6].map((number) => `--path=s${number}`);
    const args = [...paths, '--interval=0', ...files, ...sleeper];
    await using superdaemon = startSuperdaemon(args, { cwd, via: ['perl', '-e', script] });
    await eventually(() => expect(superdaemon.log()).toContain('starting new worker'), { withinMs: 4000 });
  });
});

describeOurs('a pid file that is not there', () => {
  it.concurrent('is shown with the directory in which it was looked for', async () => {
    using dir = tempDir();
    const line = (path: string) => `start-server: --pid-file=${path}: no superdaemon is running\n`;
    for (const [file, shown] of [
      ['pid', `pid: no such file, ${dir.join('pid')}`],
      ['/missing/pid', '/missing/pid: no such file'],
    ] as const) {
      const result = await run(['--stop', `--pid-file=${file}`], { cwd: dir.path });
      expect(result).toMatchObject({ code: 3, stderr: line(shown) });
    }
  });
});

const lateSuperdaemon = fileURLToPath(new URL('../workers/late-superdaemon.pl', import.meta.url));
