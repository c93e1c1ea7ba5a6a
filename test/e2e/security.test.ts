import {
  chownSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { fullPipe } from '../support/full-pipe.ts';
import { inheritedSockets, inspect } from '../support/inspect.ts';
import { describeOurs, itOurs } from '../support/ours.ts';
import { describeWhere } from '../support/permitted.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const somebodyElse = 54_322;
const sleeper = ['--', 'sleep', '1000'];
const root = ['test', String(process.geteuid?.()), '=', '0'];

describeOurs('a planted symbolic link', () => {
  it('as pid file is refused, and the file that it leads to stays as it is', async () => {
    using dir = planted('pid');
    const result = await run(['--pid-file=pid', '--path=socket', ...sleeper], { cwd: dir.path });
    expect(result).toMatchObject({ code: 1, leftBehind: 0 });
    expect(result.stderr).toContain('--pid-file=pid');
    expectUntouched(dir, 'pid');
  });

  it('as status file is replaced, and the file that it leads to stays as it is', async () => {
    using dir = planted('status');
    const args = ['--interval=0', '--status-file=status', ...sleeper];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await eventually(() => expect(lstatSync(dir.join('status')).isFile()).toBe(true));
    superdaemon.signal('SIGTERM');
    await superdaemon.ended();
    expect(readFileSync(dir.join('victim'), 'utf8')).toBe('precious');
  });

  it('at a socket’s path is refused when it leads to a file', async () => {
    using dir = planted('socket');
    const result = await run(['--path=socket', ...sleeper], { cwd: dir.path });
    expect(result).toMatchObject({ code: 1, leftBehind: 0 });
    expectUntouched(dir, 'socket');
  });

  it('of our own as log file is followed', async () => {
    using dir = planted('log');
    await using _superdaemon = startSuperdaemon(['--log-file=log', ...sleeper], { cwd: dir.path });
    await eventually(() =>
      expect(readFileSync(dir.join('victim'), 'utf8')).toMatch(/^preciousstarting new worker/),
    );
  });
});

describeWhere('a symbolic link that another user has planted', root, () => {
  itOurs('as log file is refused', async () => {
    using dir = planted('log');
    lchownSync(dir.join('log'), somebodyElse, somebodyElse);
    const result = await run(['--log-file=log', '--path=socket', ...sleeper], { cwd: dir.path });
    expect(result).toMatchObject({ code: 1, leftBehind: 0 });
    expect(result.stderr).toContain('--log-file=log: cannot open: a symbolic link of another user');
    expectUntouched(dir, 'log');
  });

  itOurs('in the place of a rotated log is refused, and the old log goes on', async () => {
    using dir = tempDir();
    const args = ['--interval=0', '--log-file=log', ...sleeper];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await eventually(() => expect(readFileSync(dir.join('log'), 'utf8')).toContain('starting new worker'));
    renameSync(dir.join('log'), dir.join('log.1'));
    plant(dir, 'log');
    lchownSync(dir.join('log'), somebodyElse, somebodyElse);
    superdaemon.signal('SIGUSR1');
    superdaemon.signal('SIGHUP');
    const log = () => readFileSync(dir.join('log.1'), 'utf8');
    await eventually(() => expect(log()).toContain('a symbolic link of another user'));
    await eventually(() => expect(log()).toMatch(/^old worker \d+ died/m));
    expectUntouched(dir, 'log');
  });
});

describeWhere('a named pipe that another user has planted, and reads from,', root, () => {
  itOurs('as log file is refused: it would hold up the workers as it likes', async () => {
    using dir = tempDir();
    using _reader = await fullPipe(dir.join('log'));
    chownSync(dir.join('log'), somebodyElse, somebodyElse);
    const result = await run(['--log-file=log', '--path=socket', ...sleeper], { cwd: dir.path });
    expect(result).toMatchObject({ code: 1, leftBehind: 0 });
    expect(result.stderr).toContain('--log-file=log: cannot open: a named pipe of another user');
  });
});

describe('workers', () => {
  it('inherit the streams and the sockets, whatever else the superdaemon has open', async () => {
    using dir = tempDir();
    mkdirSync(dir.join('env'));
    const sockets = [`--port=127.0.0.1:${await freePort()}`, `--path=${dir.join('socket')}`];
    const files = ['pid-file=pid', 'status-file=status', 'log-file=log', 'envdir=env'];
    const options = [...sockets, ...files.map((file) => `--${file.replace('=', `=${dir.path}/`)}`)];
    const { report } = await inspect(options);
    const expected = [0, 1, 2, ...inheritedSockets(report).map(({ fd }) => fd)];
    expect(report.descriptors.map(({ fd }) => fd)).toEqual(expected);
    expect(Object.keys(report.environment).filter((name) => name.startsWith('START_SERVER'))).toEqual([
      'START_SERVER_TEST_TREE',
    ]);
  });

  it.each(['file', '| cat > /dev/null'])('inherit nothing of the log %j but the streams', async (log) => {
    using dir = tempDir();
    const target = log === 'file' ? dir.join('log') : log;
    const { report } = await inspect([`--log-file=${target}`]);
    expect(report.descriptors.map(({ fd }) => fd)).toEqual([0, 1, 2]);
  });
});

describe('files that we make', () => {
  it('can be written by nobody else under the usual umask', async () => {
    using dir = tempDir();
    const files = ['--pid-file=pid', '--status-file=status', '--log-file=log'];
    const via = ['sh', '-c', 'umask 022; exec "$@"', 'sh'];
    await using _superdaemon = startSuperdaemon(['--interval=0', ...files, ...sleeper], {
      cwd: dir.path,
      via,
    });
    await eventually(() => lstatSync(dir.join('status')));
    const modes = ['pid', 'status', 'log'].map((name) => lstatSync(dir.join(name)).mode & 0o777);
    expect(modes).toEqual([0o644, 0o644, 0o644]);
  });
});

function planted(name: string): TempDir {
  const dir = tempDir();
  plant(dir, name);
  return dir;
}

function plant(dir: TempDir, name: string): void {
  writeFileSync(dir.join('victim'), 'precious');
  symlinkSync('victim', dir.join(name));
}

function expectUntouched(dir: TempDir, name: string): void {
  expect(readFileSync(dir.join('victim'), 'utf8')).toBe('precious');
  expect(readlinkSync(dir.join(name))).toBe('victim');
}
