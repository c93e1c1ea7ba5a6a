import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, it } from 'vitest';
import { takePidFile } from '../../src/files/pid-file.ts';
import { lock } from '../../src/posix/file/lock.ts';
import { StartupError } from '../../src/startup-error.ts';
import { describeWhere } from '../support/permitted.ts';
import { tempDir } from '../support/temp-dir.ts';
import { anotherProcess } from './another-process.ts';

const TAKE = `ours.takePidFile(words[0]).then((file) => { file.write(); console.log('taken'); }, (error) => console.log(error.message));`;

describe('the pid file', () => {
  it('holds our pid once it is written, and is removed at the end', async () => {
    using dir = tempDir();
    const file = await takePidFile(dir.join('pid'));
    expect(readFileSync(dir.join('pid'), 'utf8')).toBe('');
    file.write();
    expect(readFileSync(dir.join('pid'), 'utf8')).toBe(`${process.pid}\n`);
    file[Symbol.dispose]();
    expect(readdirSync(dir.path)).toEqual([]);
  });

  it('left by a crash is taken over, whatever it says', async () => {
    using dir = tempDir();
    writeFileSync(dir.join('pid'), '1234567890 and more\n');
    using file = await takePidFile(dir.join('pid'));
    file.write();
    expect(readFileSync(dir.join('pid'), 'utf8')).toBe(`${process.pid}\n`);
  });

  it('that has another name, too, is left alone: it may be a way to have that overwritten', async () => {
    using dir = tempDir();
    writeFileSync(dir.join('precious'), 'precious');
    linkSync(dir.join('precious'), dir.join('pid'));
    await expect(takePidFile(dir.join('pid'))).rejects.toThrow('has another name, too; not touching it');
    expect(readFileSync(dir.join('precious'), 'utf8')).toBe('precious');
  });

  it('names nobody from the moment on in which it is ours, until it names us', async () => {
    using dir = tempDir();
    writeFileSync(dir.join('pid'), '1\n');
    using _file = await takePidFile(dir.join('pid'));
    expect(readFileSync(dir.join('pid'), 'utf8')).toBe('');
  });

  it('can be written by nobody else, whatever the umask, and whoever made it', async () => {
    using dir = tempDir();
    const umask = process.umask(0);
    try {
      writeFileSync(dir.join('open'), '', { mode: 0o666 });
      using _made = await takePidFile(dir.join('pid'));
      using _found = await takePidFile(dir.join('open'));
      const modes = ['pid', 'open'].map((name) => lstatSync(dir.join(name)).mode & 0o777);
      expect(modes).toEqual([0o644, 0o644]);
    } finally {
      process.umask(umask);
    }
  });

  it('that somebody looks into under its lock for a moment, as another start does, is ours after it', async () => {
    using dir = tempDir();
    const other = openSync(dir.join('pid'), 'w');
    expect(lock(other)).toBe(true);
    const taken = takePidFile(dir.join('pid'));
    setTimeout(() => closeSync(other), 100);
    using file = await taken;
    file.write();
    expect(readFileSync(dir.join('pid'), 'utf8')).toBe(`${process.pid}\n`);
  });

  it('that its last owner removes while we wait for the lock is made anew', async () => {
    using dir = tempDir();
    const last = openSync(dir.join('pid'), 'w');
    expect(lock(last)).toBe(true);
    const taken = takePidFile(dir.join('pid'));
    unlinkSync(dir.join('pid'));
    closeSync(last);
    using file = await taken;
    file.write();
    expect(readFileSync(dir.join('pid'), 'utf8')).toBe(`${process.pid}\n`);
  });

  it('that is locked is refused to a second process, which is told whose it is and changes nothing', async () => {
    using dir = tempDir();
    using second = await anotherProcess('files/pid-file.ts');
    using file = await takePidFile(dir.join('pid'));
    file.write();
    const { stdout } = second.run(TAKE, { words: [dir.join('pid')] });
    expect(stdout.toString()).toBe(
      `--pid-file=${dir.join('pid')}: another superdaemon is running, pid ${process.pid}\n`,
    );
    expect(readFileSync(dir.join('pid'), 'utf8')).toBe(`${process.pid}\n`);
  });

  it('that is locked but not written yet is refused, too', async () => {
    using dir = tempDir();
    using second = await anotherProcess('files/pid-file.ts');
    using _file = await takePidFile(dir.join('pid'));
    const { stdout } = second.run(TAKE, { words: [dir.join('pid')] });
    expect(stdout.toString()).toContain('another superdaemon is running, which is just starting');
  });

  it('of a process that was killed can be taken at once', async () => {
    using dir = tempDir();
    using second = await anotherProcess('files/pid-file.ts');
    const dying = `ours.takePidFile(words[0]).then((file) => { file.write(); process.kill(process.pid, 'SIGKILL'); });`;
    second.run(dying, { words: [dir.join('pid')] });
    expect(readFileSync(dir.join('pid'), 'utf8')).toMatch(/^\d+\n$/);
    using _file = await takePidFile(dir.join('pid'));
  });

  it('of a process that was killed is ours though what it was starting has its lock still', async () => {
    using dir = tempDir();
    using second = await anotherProcess('files/pid-file.ts');
    const dying = `ours.takePidFile(words[0]).then((file) => {
      file.write();
      const stdio = ['ignore', 'ignore', 'ignore', file.forSuccessor().fd];
      const { pid } = require('node:child_process').spawn('sleep', ['1000'], { stdio });
      require('node:fs').writeSync(1, String(pid));
      process.kill(process.pid, 'SIGKILL');
    });`;
    const { stdout } = second.run(dying, { words: [dir.join('pid')] });
    try {
      using file = await takePidFile(dir.join('pid'));
      file.write();
      expect(readFileSync(dir.join('pid'), 'utf8')).toBe(`${process.pid}\n`);
    } finally {
      process.kill(Number(stdout.toString()));
    }
  });

  it('is locked with flock(2), for clients of either make to see', async () => {
    using dir = tempDir();
    using _file = await takePidFile(dir.join('pid'));
    const free = `use Fcntl ':flock'; open my $f, '<', $ARGV[0]; print flock($f, LOCK_EX | LOCK_NB) ? 'free' : 'locked'`;
    expect(execFileSync('perl', ['-e', free, dir.join('pid')], { encoding: 'utf8' })).toBe('locked');
  });

  it('that somebody else put in its place is not removed', async () => {
    using dir = tempDir();
    const file = await takePidFile(dir.join('pid'));
    writeFileSync(dir.join('theirs'), '1\n');
    renameSync(dir.join('theirs'), dir.join('pid'));
    file[Symbol.dispose]();
    expect(readFileSync(dir.join('pid'), 'utf8')).toBe('1\n');
  });

  it('that is gone already at the end is no matter', async () => {
    using dir = tempDir();
    const file = await takePidFile(dir.join('pid'));
    rmSync(dir.join('pid'));
    file[Symbol.dispose]();
    expect(existsSync(dir.join('pid'))).toBe(false);
  });

  it.each([
    ['a symbolic link', 'cannot open: ', (path: string) => symlinkSync('elsewhere', path)],
    ['a FIFO', 'not a regular file', (path: string) => execFileSync('mkfifo', [path])],
    ['a directory', 'cannot open: illegal operation on a directory', (path: string) => mkdirSync(path)],
    ['in a directory that does not exist', 'cannot open: no such file or directory', () => {}, 'sub/pid'],
  ])('that is %s is refused', async (_what, why, make, name = 'pid') => {
    using dir = tempDir();
    make(dir.join(name));
    const refused = takePidFile(dir.join(name));
    await expect(refused).rejects.toThrow(StartupError);
    await expect(refused).rejects.toThrow(`--pid-file=${dir.join(name)}: ${why}`);
    expect(existsSync(dir.join('elsewhere'))).toBe(false);
  });

  it('that cannot be written in full is an error', async () => {
    await expect(takePidFile('/dev/full')).rejects.toThrow('not a regular file');
  });
});

/** The directory's entry of a file that something is mounted on cannot be removed. */
const mounted = ['unshare', '--mount', 'sh', '-c', 'mount --bind "$0" "$0" && exec "$@"'] as const;

describeWhere('a pid file that cannot be removed at the end', ['unshare', '--mount', 'true'], () => {
  it('is left empty, for nobody was killed', async () => {
    using dir = tempDir();
    using second = await anotherProcess('files/pid-file.ts');
    const path = dir.join('pid');
    writeFileSync(path, '');
    const ending = `ours.takePidFile(words[0]).then((file) => { file.write(); file[Symbol.dispose](); });`;
    const { status } = second.run(ending, { words: [path], through: [...mounted, path] });
    expect({ status, text: readFileSync(path, 'utf8') }).toEqual({ status: 0, text: '' });
  });
});
