import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { asOrdinaryUser, giveToOrdinaryUser, ordinaryUserCanRun } from '../support/ordinary-user.ts';
import { describeOurs, itOurs, skipsFixes } from '../support/ours.ts';
import { describePeer } from '../support/peer.ts';
import { describeWhere } from '../support/permitted.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const sleeper = ['--', 'sleep', '1000'];
// A file for each thread, so that no call is cut in two by another's.
const watched = 'strace -ff -s 200 -o calls -e trace=bind,umask,/chmod,/chown,listen,openat'.split(' ');

describeWhere('the file of a Unix socket', ['test', String(process.geteuid?.()), '=', '0'], () => {
  itOurs.each([
    ['--path-mode=0660', 0o660, 0, 0],
    ['--path-mode=600', 0o600, 0, 0],
    ['--path-mode=000', 0o000, 0, 0],
    ['--path-owner=54322:54323', 0o777, 54_322, 54_323],
    ['--path-owner=54322', 0o777, 54_322, 0],
    ['--path-owner=:54323 --path-mode=0060', 0o060, 0, 54_323],
    // As a directory service numbers its users.
    ['--path-owner=1500000000:4294967294', 0o777, 1_500_000_000, 4_294_967_294],
    ['--path-owner=54322:54323 --path-mode=0640', 0o640, 54_322, 54_323],
  ])('has, with %s, that mode and owner, whatever the umask', async (options, mode, uid, gid) => {
    using dir = tempDir();
    const via = ['sh', '-c', 'umask 027; exec "$@"', 'sh'];
    const args = ['--path=socket', ...options.split(' '), ...sleeper];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path, via });
    await superdaemon.waitForLine('starting new worker');
    const stat = lstatSync(dir.join('socket'));
    expect({ mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid }).toEqual({ mode, uid, gid });
  });
});

describePeer('strace', ['strace'], () => {
  describeWhere(
    'sees no moment in which it is wider open than asked, nor another file changed,',
    ['strace', 'true'],
    () => {
      itOurs.each([
        ['--path-mode=0660', ['bound as 660', 'listening']],
        ['--path-mode=0600', ['bound as 600', 'listening']],
        [
          '--path-owner=0:0 --path-mode=0660',
          ['bound as 600', 'looked at', 'owned by 0:0', 'mode 660', 'listening'],
        ],
        [
          '--path-owner=:0 --path-mode=0060',
          ['bound as 0', 'looked at', 'owned by -1:0', 'mode 60', 'listening'],
        ],
      ])('with %s', async (options, expected) => {
        using dir = tempDir();
        const args = ['--path=socket', ...options.split(' '), ...sleeper];
        await using superdaemon = startSuperdaemon(args, { cwd: dir.path, via: watched });
        await superdaemon.waitForLine('starting new worker');
        await eventually(() => expect(steps(dir)).toEqual(expected));
      });
    },
  );
});

describeOurs('a mode or an owner that makes no sense', () => {
  itOurs.each([
    '--path-mode=8',
    '--path-mode=1777',
    '--path-mode=u+w',
    '--path-mode=-1',
    '--path-owner=no-such-user',
    '--path-owner=:no-such-group',
    '--path-owner=:',
    '--path-owner=1:2:3',
    '--path-owner=-5',
    '--path-owner=99999999999',
    '--path-owner=4294967295',
    '--path-owner=:4294967296',
  ])('is refused: %s', async (option) => {
    using dir = tempDir();
    const result = await run(['--path=socket', option, ...sleeper], { cwd: dir.path });
    expect(result).toMatchObject({ code: 1, leftBehind: 0 });
    expect(result.stderr).toContain(option);
    expect(lstatSync(dir.join('socket'), { throwIfNoEntry: false })).toBe(undefined);
  });
});

describe('an owner whom an ordinary user may not name', () => {
  it.skipIf(skipsFixes || !ordinaryUserCanRun())('is refused, and no file is left', async () => {
    using dir = tempDir();
    giveToOrdinaryUser(dir);
    const args = ['--path=socket', '--path-owner=0', ...sleeper];
    const result = await run(args, { cwd: dir.path, via: asOrdinaryUser });
    expect(result).toMatchObject({ code: 1, leftBehind: 0 });
    expect(result.stderr).toContain(
      '--path=socket: cannot give it to --path-owner: operation not permitted\n',
    );
    expect(readdirSync(dir.path)).toEqual([]);
  });
});

/** What became of the socket's file until it first listened, call by call. */
function steps(dir: TempDir): string[] {
  const all = calls(dir);
  return all.slice(0, all.indexOf('listening') + 1);
}

function calls(dir: TempDir): string[] {
  const files = readdirSync(dir.path).filter((name) => name.startsWith('calls.'));
  const texts = files.map((name) => readFileSync(dir.join(name), 'utf8'));
  let umask = 0;
  return (texts.find((text) => text.includes('"socket"')) ?? '').split('\n').flatMap((line) => {
    const [, call = '', words = ''] = /^(\w+)\((.*)\) += \S+/.exec(line) ?? [];
    if (call === 'umask') umask = Number.parseInt(words, 8);
    if (call === 'bind') return [`bound as ${octal(0o777 & ~umask)}`];
    if (call === 'listen') return ['listening'];
    if (call === 'openat') return isLook(words) ? ['looked at'] : [];
    return changes(call, words);
  });
}

/** By what has been looked at, not by its name. */
function changes(call: string, words: string): string[] {
  const [, changed = ''] = /"\/proc\/self\/fd\/\d+", (.*)$/.exec(words) ?? [];
  if (call.includes('chown')) return [`owned by ${changed.replace(', ', ':')}`];
  return call.includes('chmod') ? [`mode ${octal(Number.parseInt(changed, 8))}`] : [];
}

function isLook(words: string): boolean {
  return /"socket", .*O_NOFOLLOW.*O_PATH|"socket", .*O_PATH.*O_NOFOLLOW/.test(words);
}

function octal(mode: number): string {
  return mode.toString(8);
}
