import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { notifyDirectories, notifyDirectoryOf, notifySocketOf } from '../support/notify.ts';
import { asOrdinaryUser, giveToOrdinaryUser } from '../support/ordinary-user.ts';
import { orphaned } from '../support/orphaned.ts';
import { describeOurs } from '../support/ours.ts';
import { describeWhere } from '../support/permitted.ts';
import { workerPid } from '../support/pids.ts';
import { type Superdaemon, startSuperdaemon } from '../support/superdaemon.ts';
import { notes } from '../support/teller.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';
import { teller } from '../support/workers.ts';

const ready = ['--interval=0', '--ready=notify', '--status-file=status'];
const isRoot = process.geteuid?.() === 0;

/** Its workers say by the socket that they are ready. */
function start(dir: TempDir, { tmpdir = dir.path, words = ready } = {}): Superdaemon {
  const told = notes(dir, { all: 'send READY=1' });
  return startSuperdaemon([...words, '--', ...teller], {
    cwd: dir.path,
    env: { ...told.env, TMPDIR: tmpdir },
  });
}

const serves = (dir: TempDir, generation: number) =>
  eventually(() => {
    expect(readFileSync(dir.join('status'), 'utf8')).toMatch(new RegExp(`^${generation}:\\d+\\n$`));
  });

async function stop(superdaemon: Superdaemon): Promise<void> {
  superdaemon.signal('SIGTERM');
  expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
}

describeOurs('the directory of the notify sockets', () => {
  it('is made anew when it has been removed, and nothing is said of it', async () => {
    using dir = tempDir();
    await using superdaemon = start(dir);
    await serves(dir, 1);
    rmSync(dir.join(notifyDirectories(dir)[0] ?? ''), { recursive: true });
    process.kill(await workerPid(superdaemon), 'SIGKILL');
    await serves(dir, 2);
    expect(superdaemon.log()).not.toMatch(/warning|error/);
    await stop(superdaemon);
    expect(notifyDirectories(dir)).toEqual([]);
  });

  it('is made anew when something else lies in its place, which is left alone to the end', async () => {
    using dir = tempDir();
    await using superdaemon = start(dir);
    await serves(dir, 1);
    const path = dir.join(notifyDirectories(dir)[0] ?? '');
    renameSync(path, dir.join('moved'));
    writeFileSync(dir.join('secret'), '', { mode: 0o600 });
    mkdirSync(path);
    writeFileSync(`${path}/file`, '');
    symlinkSync(dir.join('secret'), `${path}/2`);
    superdaemon.signal('SIGHUP');
    await serves(dir, 2);
    expect(notifyDirectoryOf(await workerPid(superdaemon, 2))).not.toBe(path);
    await stop(superdaemon);
    expect(readdirSync(path)).toEqual(['2', 'file']);
    expect(statSync(dir.join('secret')).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir.join('moved'))).toEqual([]);
  });

  it('stays with what somebody has put into it', async () => {
    using dir = tempDir();
    await using superdaemon = start(dir);
    await serves(dir, 1);
    const path = dir.join(notifyDirectories(dir)[0] ?? '');
    mkdirSync(`${path}/7`);
    writeFileSync(`${path}/7/file`, '');
    await stop(superdaemon);
    expect(readdirSync(path)).toEqual(['7']);
    expect(readdirSync(`${path}/7`)).toEqual(['file']);
  });

  it('shows nobody where the socket is that a worker of any user may send to', async () => {
    using dir = tempDir();
    chmodSync(dir.path, 0o755);
    await using superdaemon = start(dir);
    await serves(dir, 1);
    const socket = notifySocketOf(await workerPid(superdaemon));
    const [of, directory] = [statSync(socket), statSync(dirname(socket))];
    expect([of.mode & 0o777, of.uid]).toEqual([0o666, process.geteuid?.()]);
    expect([directory.mode & 0o777, directory.uid]).toEqual([0o711, process.geteuid?.()]);
    const secret = /\/1\.([\w-]{12})$/.exec(socket)?.[1];
    expect(secret).toBeDefined();
    expect(readFileSync('/proc/net/unix', 'latin1')).not.toContain(secret);
    if (!isRoot) return;
    const [command = '', ...words] = [...asOrdinaryUser, 'ls', dirname(socket)];
    expect(await execa(command, words, { reject: false })).toMatchObject({ stdout: '', exitCode: 2 });
  });

  it.each<[string, number, number]>([
    ['others can write to', 0o777, 0o700],
    ['a group can write to', 0o770, 0o700],
    ['others can rename', 0o700, 0o777],
  ])('is not made in one that %s', async (_, mode, above) => {
    using dir = tempDir();
    mkdirSync(dir.join('above/tmp'), { recursive: true });
    chmodSync(dir.join('above/tmp'), mode);
    chmodSync(dir.join('above'), above);
    await using superdaemon = start(dir, { tmpdir: dir.join('above/tmp') });
    await serves(dir, 1);
    expect(readdirSync(dir.join('above/tmp'))).toEqual([]);
    expect(dirname(notifyDirectoryOf(await workerPid(superdaemon)))).toBe('/tmp');
  });

  it.skipIf(!isRoot)("is not made in another user's", async () => {
    using dir = tempDir();
    using theirs = tempDir();
    giveToOrdinaryUser(theirs);
    await using superdaemon = start(dir, { tmpdir: theirs.path });
    await serves(dir, 1);
    expect(readdirSync(theirs.path)).toEqual([]);
    expect(dirname(notifyDirectoryOf(await workerPid(superdaemon)))).toBe('/tmp');
  });

  it('is made in one that is sticky, under its name without links', async () => {
    using dir = tempDir();
    mkdirSync(dir.join('tmp'));
    chmodSync(dir.join('tmp'), 0o1777);
    symlinkSync('tmp', dir.join('link'));
    await using superdaemon = start(dir, { tmpdir: dir.join('link') });
    await serves(dir, 1);
    expect(dirname(notifyDirectoryOf(await workerPid(superdaemon)))).toBe(dir.join('tmp'));
  });

  it('of a superdaemon that was killed with its workers is removed by the next, that of a living one is not', async () => {
    using dir = tempDir();
    using living = tempDir();
    using tmp = tempDir();
    const words = [...ready, '--path=socket'];
    await using other = start(living, { tmpdir: tmp.path, words });
    await serves(living, 1);
    other.signal('SIGUSR2');
    await other.waitForLine('replaced version');
    const theirs = notifyDirectories(tmp);
    mkdirSync(tmp.join('start-server-abcdef'), { mode: 0o711 });
    leaveUnfinished(tmp, ['start-server-000000', 'start-server-111111']);
    const told = notes(dir, { all: 'send READY=1' });
    const env = { ...told.env, TMPDIR: tmp.path };
    await using dead = await orphaned([...words, '--', ...teller], { cwd: dir.path, env });
    process.kill(await workerPid(dead), 'SIGKILL');
    await using superdaemon = start(dir, { tmpdir: tmp.path, words });
    await eventually(() => {
      const ours = notifyDirectoryOf(Number(/:(\d+)/.exec(readFileSync(dir.join('status'), 'utf8'))?.[1]));
      const expected = ['start-server-abcdef', ...theirs, ours.slice(tmp.path.length + 1)];
      expect(notifyDirectories(tmp).sort()).toEqual(expected.sort());
    });
    for (const [each, where] of [
      [other, living],
      [superdaemon, dir],
    ] as const) {
      each.signal('SIGHUP');
      await serves(where, 2);
      await stop(each);
    }
    expect(notifyDirectories(tmp)).toEqual(['start-server-abcdef']);
  });

  it('of another superdaemon stays, whatever the environment of a worker says that is taken over', async () => {
    using dir = tempDir();
    using other = tempDir();
    await using superdaemon = start(other);
    await serves(other, 1);
    const theirs = notifySocketOf(await workerPid(superdaemon));
    const liar = ['sh', '-c', 'exec env NOTIFY_SOCKET="$0" sleep 1000', theirs];
    const words = ['--interval=0', '--status-file=status', '--path=socket', '--', ...liar];
    await using dead = await orphaned(words, { cwd: dir.path });
    await eventually(() => expect(notifySocketOf(Number(statusPid(dir)))).toBe(theirs));
    await using successor = startSuperdaemon(words, { cwd: dir.path });
    await successor.waitForLine(`taking over worker ${await workerPid(dead)}`);
    await successor.waitForLine('old worker ');
    expect(existsSync(theirs)).toBe(true);
    superdaemon.signal('SIGHUP');
    await serves(other, 2);
  });
});

/** As a SIGKILL leaves one that has just been made, before and after others may enter it; two minutes ago. */
function leaveUnfinished(tmp: TempDir, names: readonly string[]): void {
  names.forEach((name, index) => {
    mkdirSync(tmp.join(name), { mode: [0o700, 0o711][index] });
    utimesSync(tmp.join(name), new Date(), new Date(Date.now() - 120_000));
  });
}

const statusPid = (dir: TempDir) => readFileSync(dir.join('status'), 'utf8').trim().split(':')[1];

const ownMounts = ['unshare', '--mount', '--map-root-user'];

/** Mounts a disk at the directory `small`, with these options; nothing can be written in /tmp. */
const withSmallDisk = (dir: TempDir, options: string) => {
  const mount = [
    'mount --bind /tmp /tmp && mount -o remount,bind,ro /tmp',
    `mount -t tmpfs -o ${options} none "$0" && : >"$0/full" && exec "$@"`,
  ].join(' && ');
  mkdirSync(dir.join('small'));
  return {
    cwd: dir.path,
    env: { TMPDIR: dir.join('small') },
    via: [...ownMounts, 'sh', '-c', mount, dir.join('small')],
  };
};

describeWhere('where there is no good place for a notify socket', [...ownMounts, 'true'], () => {
  const script = 'echo "socket:$NOTIFY_SOCKET" >&2; echo >&$NOTIFY_FD; exec sleep 1000';
  const args = [...ready, '--', 'sh', '-c', script];

  it('the pipe alone goes on with one warning that names the places, until there is one', async () => {
    using dir = tempDir();
    // There is room for the directory, and not for a socket in it.
    await using superdaemon = startSuperdaemon(args, withSmallDisk(dir, 'nr_inodes=3'));
    const small = `/proc/${superdaemon.pid}/root${dir.join('small')}`;
    await serves(dir, 1);
    superdaemon.signal('SIGHUP');
    await serves(dir, 2);
    expect(superdaemon.log().match(/^socket:.*$/gm)).toEqual(['socket:', 'socket:']);
    expect(superdaemon.log().match(/^warning: .*$|^ +at .*$/gm)).toEqual([
      `warning: no place for NOTIFY_SOCKET, workers get NOTIFY_FD alone: ${dir.join('small')}: no space left on device; /tmp: read-only file system`,
    ]);
    expect(readdirSync(small)).toEqual(['full']);
    unlinkSync(`${small}/full`);
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(/^socket:\/.*\/small\/start-server-\w+\/3\./);
    await stop(superdaemon);
  });

  it('one is taken in which others can rename, for want of a better one, with a warning', async () => {
    using dir = tempDir();
    await using superdaemon = startSuperdaemon(args, withSmallDisk(dir, 'mode=0777'));
    await superdaemon.waitForLine(/^socket:\/.*\/small\/start-server-\w+\/1\./);
    await serves(dir, 1);
    expect(superdaemon.log().match(/^warning: .*$/gm)).toEqual([
      expect.stringMatching(
        /^warning: others can rename \S+, where NOTIFY_SOCKET lies: make its place sticky$/,
      ),
    ]);
    await stop(superdaemon);
  });
});
