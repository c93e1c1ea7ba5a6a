import {
  chmodSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { execaSync } from 'execa';
import { describe, expect, it, vi } from 'vitest';
import { optionRows } from '../../src/command-line/option-table.ts';
import { eventually } from '../support/eventually.ts';
import { asOrdinaryUser, giveToOrdinaryUser, ordinaryUserCanRun } from '../support/ordinary-user.ts';
import { skipsFixes } from '../support/ours.ts';
import { canMount, withSmallDiskAt } from '../support/small-disk.ts';
import { type Superdaemon, startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

// Every option that names a file or a directory, at everything that may lie there. A new option is in the rows at once, and
// fails here until its answers are written down.

vi.setConfig({ maxConcurrency: 3 });

interface Situation {
  /** Makes it so, and returns the name. */
  readonly make: (dir: TempDir) => string;
  readonly via?: (dir: TempDir) => readonly string[];
}

const isRoot = process.geteuid?.() === 0;
const readOnly = (dir: TempDir) => [
  ...['unshare', '--mount', '--map-root-user', 'sh', '-c'],
  ...['mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"', dir.path],
];
const full = (dir: TempDir) => [
  ...withSmallDiskAt(dir),
  ...['sh', '-c', 'cd "$0" && mkdir d; cat /dev/zero >filler 2>/dev/null; cd / && exec "$@"', dir.path],
];

const everywhere: Readonly<Record<string, Situation>> = {
  nothing: { make: (dir) => dir.join('a') },
  'nothing, not even its directory': { make: (dir) => dir.join('missing/a') },
  'a directory': { make: made((name) => mkdirSync(name)) },
  'a file': { make: made((name) => writeFileSync(name, '')) },
  'a name below a file': { make: (dir) => `${made((name) => writeFileSync(name, ''))(dir)}/x` },
  'a FIFO': { make: made((name) => void execaSync('mkfifo', [name])) },
  'a symbolic link to itself': { make: made((name) => symlinkSync('a', name)) },
  'a name that is too long': { make: (dir) => dir.join('x'.repeat(300)) },
};
const forUsers: Readonly<Record<string, Situation>> = {
  'a file of which nothing is allowed': users(made((name) => writeFileSync(name, '', { mode: 0o600 }))),
  'a file that may be read': users(made((name) => writeFileSync(name, '', { mode: 0o644 }))),
  'a directory of which nothing is allowed': users(made((name) => mkdirSync(name, { mode: 0o700 }))),
  'a directory that may be read': users(made((name) => mkdirSync(name, { mode: 0o755 }))),
  'a place where nothing may be made': users(below(0o755)),
  'a place where nobody may look': users(below(0o700)),
};
const forRoot: Readonly<Record<string, Situation>> = {
  'a link of another user to a file': { make: strangersLink((name) => writeFileSync(name, '')) },
  'a link of another user to a directory': { make: strangersLink((name) => mkdirSync(name)) },
};
const onDisks: Readonly<Record<string, Situation>> = {
  'a full disk': { make: (dir) => dir.join('a'), via: full },
  'a directory on a full disk': { make: (dir) => dir.join('d'), via: full },
  'a read-only disk': { make: (dir) => dir.join('a'), via: readOnly },
  'a directory on a read-only disk': { make: made((name) => mkdirSync(name)), via: readOnly },
};

/** It starts, and stops; or the reason in the one line that it ends with, behind option and value. */
type Answer = 'starts' | RegExp;

const noFile = /no such file or directory/;
const noDirectory = /not a directory/;
const denied = /permission denied/;
const inTheWay = /a file that is no socket is in the way/;
const links = /too many symbolic links/;
const tooLong = /too long/;
const readOnlyDisk = /read-only file system/;
const isDirectory = /is a directory|illegal operation on a directory|not a regular file/;

const nowhere = {
  'a place where nobody may look': denied,
  'nothing, not even its directory': noFile,
  'a name below a file': noDirectory,
};
const toDirectories: Readonly<Record<string, Answer>> = {
  ...nowhere,
  nothing: noFile,
  'a directory': 'starts',
  'a file': noDirectory,
  'a FIFO': noDirectory,
  'a symbolic link to itself': links,
  'a name that is too long': tooLong,
  'a file of which nothing is allowed': noDirectory,
  'a file that may be read': noDirectory,
  'a directory of which nothing is allowed': denied,
  'a directory that may be read': 'starts',
  'a place where nothing may be made': noFile,
  'a link of another user to a file': noDirectory,
  'a link of another user to a directory': 'starts',
  'a full disk': noFile,
  'a directory on a full disk': 'starts',
  'a read-only disk': noFile,
  'a directory on a read-only disk': 'starts',
};
const toFiles: Readonly<Record<string, Answer>> = {
  ...nowhere,
  nothing: 'starts',
  'a directory': isDirectory,
  'a file': 'starts',
  'a symbolic link to itself': links,
  'a name that is too long': tooLong,
  'a file of which nothing is allowed': denied,
  'a file that may be read': denied,
  'a directory of which nothing is allowed': isDirectory,
  'a directory that may be read': isDirectory,
  'a place where nothing may be made': denied,
  'a directory on a full disk': isDirectory,
  'a read-only disk': readOnlyDisk,
  'a directory on a read-only disk': /read-only file system|is a directory|illegal operation/,
};
// It is put into its place by rename(2): who may write to the directory may do that whatever lies there. That there is no room
// is a warning, for there may be some later.
const toReplacedFiles: Readonly<Record<string, Answer>> = {
  ...toFiles,
  'a FIFO': 'starts',
  'a symbolic link to itself': 'starts',
  'a file of which nothing is allowed': 'starts',
  'a file that may be read': 'starts',
  'a link of another user to a file': 'starts',
  'a link of another user to a directory': 'starts',
  'a full disk': 'starts',
};
const answers: Readonly<Record<string, Readonly<Record<string, Answer>>>> = {
  dir: toDirectories,
  envdir: toDirectories,
  path: {
    ...Object.fromEntries(Object.keys(toFiles).map((name) => [name, inTheWay])),
    ...nowhere,
    nothing: 'starts',
    'a FIFO': inTheWay,
    'a symbolic link to itself': links,
    'a name that is too long': /has at most 107/,
    'a place where nothing may be made': denied,
    'a link of another user to a file': inTheWay,
    'a link of another user to a directory': inTheWay,
    'a full disk': 'starts',
    'a read-only disk': readOnlyDisk,
  },
  'pid-file': {
    ...toFiles,
    'a FIFO': /not a regular file/,
    'a link of another user to a file': links,
    'a link of another user to a directory': links,
    'a full disk': /no space left on device/,
  },
  'status-file': toReplacedFiles,
  'metrics-file': toReplacedFiles,
  'log-file': {
    ...toFiles,
    'a FIFO': /nobody reads from it/,
    'a link of another user to a file': /a symbolic link of another user/,
    'a link of another user to a directory': /a symbolic link of another user/,
    'a full disk': 'starts',
  },
};

const named = optionRows
  .filter(({ value }) => value?.choices === 'file' || value?.choices === 'directory')
  .map(({ name }) => name);

describe('the options that name a file or a directory', () => {
  it('have an answer each to everything that may lie there', () => {
    const all = Object.keys({ ...everywhere, ...forUsers, ...forRoot, ...onDisks }).sort();
    expect(Object.keys(answers).sort()).toEqual([...named].sort());
    for (const option of named) expect(Object.keys(answers[option] ?? {}).sort(), option).toEqual(all);
  });
});

const groups = [
  { title: 'anybody', situations: everywhere, possible: true },
  { title: 'an ordinary user', situations: forUsers, possible: isRoot && ordinaryUserCanRun() },
  { title: 'root', situations: forRoot, possible: isRoot },
  { title: 'who may mount', situations: onDisks, possible: canMount() },
];

describe.each(named)('--%s', (option) => {
  for (const { title, situations, possible } of groups) {
    for (const [name, situation] of Object.entries(situations)) {
      it.skipIf(skipsFixes || !possible).concurrent(`at ${name} (${title})`, async () => {
        await judge(option, situation, answers[option]?.[name] ?? 'starts');
      });
    }
  }
});

async function judge(option: string, { make, via }: Situation, answer: Answer): Promise<void> {
  using dir = tempDir();
  chmodSync(dir.path, 0o755);
  const value = make(dir);
  const before = readdirSync(dir.path);
  const args = ['--interval=0', `--${option}=${value}`, '--', 'sleep', '1000'];
  await using superdaemon = startSuperdaemon(args, { cwd: '/', via: via?.(dir) ?? [] });
  if (answer === 'starts') await stopsWell(superdaemon);
  else await isRefused(superdaemon, { option: `--${option}=${value}: `, why: answer });
  expect(superdaemon.processes()).toEqual([]);
  const made = readdirSync(dir.path).filter((name) => !before.includes(name));
  expect(made).toEqual(
    option === 'log-file' && answer === 'starts' && before.length === 0 && via === undefined ? ['a'] : [],
  );
}

async function stopsWell(superdaemon: Superdaemon): Promise<void> {
  await eventually(() => expect(superdaemon.processes().map(commandOf)).toContain('sleep 1000 '));
  superdaemon.signal('SIGTERM');
  expect(await superdaemon.ended(), superdaemon.log()).toEqual({ code: 0, signal: null });
}

async function isRefused(
  superdaemon: Superdaemon,
  { option, why }: { option: string; why: RegExp },
): Promise<void> {
  expect(await superdaemon.waitForLine(/^start-server: |^starting new worker/)).toMatch(/^start-server: /);
  expect(await superdaemon.ended(10_000), superdaemon.log()).toEqual({ code: 1, signal: null });
  const lines = superdaemon.log().trimEnd().split('\n');
  const [line = '', ...others] = lines.filter((each) => !/^start_server \(pid:\d+\) starting now/.test(each));
  expect(others).toEqual([]);
  expect(line).toContain(option);
  expect(line.slice(line.indexOf(option) + option.length)).toMatch(why);
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

function made(make: (name: string) => void): Situation['make'] {
  return (dir) => {
    make(dir.join('a'));
    return dir.join('a');
  };
}

function below(mode: number): Situation['make'] {
  return (dir) => `${made((name) => mkdirSync(name, { mode }))(dir)}/x`;
}

function users(make: Situation['make']): Situation {
  return {
    make: (dir) => {
      giveToOrdinaryUser(dir);
      return make(dir);
    },
    via: () => asOrdinaryUser,
  };
}

function strangersLink(makeTarget: (name: string) => void): Situation['make'] {
  return (dir) => {
    makeTarget(dir.join('target'));
    return made((name) => {
      symlinkSync('target', name);
      lchownSync(name, 54_321, 54_321);
    })(dir);
  };
}
