import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../src/command-line/options.ts';
import { syscall } from '../../src/posix/libc/libc.ts';
import { everySignal } from '../../src/posix/process/signals.ts';
import { prepareSpawn } from '../../src/posix/process/spawn.ts';
import { reap } from '../../src/posix/process/wait.ts';
import { StartupError } from '../../src/startup-error.ts';
import { eventually } from '../support/eventually.ts';
import { heldBy } from '../support/privileges.ts';

function started(...words: string[]) {
  const invocation = parseOptions({ words: [...words, '--', 'server'], posixlyCorrect: false });
  if (invocation.kind !== 'start') throw new Error(`is ${invocation.kind}`);
  return invocation.options;
}

function refusalOf(...words: string[]): string {
  try {
    started(...words);
  } catch (error) {
    if (error instanceof StartupError) return error.message;
    throw error;
  }
  throw new Error('is accepted');
}

describe('the options of least privilege', () => {
  it('change nothing when none is given', () => {
    expect(started().privileges).toBeUndefined();
  });

  it.each([
    ['--user', 'not user or user:group'],
    ['--umask', 'not an octal mask such as 0027'],
    ['--nice', 'not a whole number from -20 to 19'],
    ['--oom-score-adj', 'not a whole number from -1000 to 1000'],
    ['--limit', 'not name=soft or name=soft:hard'],
  ])('refuse an empty %s, which would give workers more than is meant', (option, why) => {
    expect(refusalOf(option, '')).toBe(`${option}=: ${why}`);
  });

  it('take a user by name with its group, or one by number with another group', () => {
    expect(started('--user=root').privileges?.user).toMatchObject({ uid: 0, gid: 0, groups: [0] });
    expect(started('--user=root:54323').privileges?.user).toMatchObject({ uid: 0, gid: 54_323 });
    const { privileges, exported } = started('--user=54322:54323');
    expect(privileges?.user).toMatchObject({ uid: 54_322, gid: 54_323, groups: [54_323] });
    expect(Object.fromEntries(exported)).toEqual({ HOME: '/', USER: '54322', LOGNAME: '54322' });
  });

  it('take numbers, and limits that are soft, hard or none', () => {
    const words = ['--umask=0027', '--nice=-5', '--oom-score-adj=500'];
    expect(started(...words).privileges).toMatchObject({ umask: 0o27, nice: -5, oomScoreAdj: 500 });
    const limits = ['--limit=nofile=1024:4096', '--limit=as=unlimited', '--limit=core=0'];
    expect(started(...limits).privileges?.limits).toMatchObject([
      { resource: 7, soft: 1024n, hard: 4096n },
      { resource: 9, soft: 2n ** 64n - 1n, hard: 2n ** 64n - 1n },
      { resource: 4, soft: 0n, hard: 0n },
    ]);
  });

  it.each([
    ['--user=nobody-at-all', 'no such user'],
    ['--user=root:no-such-group', 'no such group'],
    ['--user=54322', 'user 54322 has no account, and so no group: name one'],
    ['--user=:daemon', 'not user or user:group'],
    ['--user=root:', 'not user or user:group'],
    ['--user=root:daemon:x', 'not user or user:group'],
    ['--umask=8', 'not an octal mask such as 0027'],
    ['--umask=27', 'not an octal mask such as 0027'],
    ['--nice=20', 'not a whole number from -20 to 19'],
    ['--nice=low', 'not a whole number from -20 to 19'],
    ['--oom-score-adj=1001', 'not a whole number from -1000 to 1000'],
    ['--limit=nofile', 'not name=soft or name=soft:hard'],
    ['--limit=nofile=', 'not name=soft or name=soft:hard'],
    ['--limit=nofiles=1', 'no limit nofiles, nofile is one'],
    ['--limit=nofile=2:1', 'the soft limit is above the hard one'],
    ['--limit=nofile=many', 'many is neither a whole number nor unlimited'],
    ['--limit=nofile=1:-1', '-1 is neither a whole number nor unlimited'],
  ])('refuse %s: %s', (option, why) => {
    expect(refusalOf(option)).toBe(`${option}: ${why}`);
  });

  it('refuse a limit that is given twice', () => {
    expect(refusalOf('--limit=core=0', '--limit=core=1')).toBe('--limit=core=1: core is given twice');
  });
});

const numbers = new Map<string, number>([
  ['x64', 157],
  ['arm64', 167],
]);
const prctl = numbers.get(process.arch);
const PR_GET_DUMPABLE = 3;

describe.skipIf(process.getuid?.() !== 0 || prctl === undefined)(
  'a process that becomes another user',
  () => {
    it('leaves us as we were: our score, our groups, and that we can be dumped', async () => {
      const before = heldBy(process.pid);
      const dumpable = syscall(prctl ?? 0, PR_GET_DUMPABLE);
      const spawn = prepareSpawn({
        ...{ descriptors: [0, 1, 2].map((fd) => ({ from: fd, to: fd })), defaultSignals: everySignal },
        ...{ blockedSignals: [], openFilesLimit: 1024 },
        privileges: {
          ...{ user: { uid: 54_322, gid: 54_322, groups: [54_322, 54_323] }, umask: 0o77 },
          ...{ nice: 5, oomScoreAdj: 400, limits: [{ resource: 4, soft: 0n, hard: 0n }] },
        },
      });
      const argv = ['sleep', '1000'].map((word) => Buffer.from(word));
      const env = { lasting: Buffer.alloc(0), own: [] };
      const pid = spawn({ file: Buffer.from('/bin/sleep'), argv, env });
      try {
        expect(heldBy(pid)).toMatchObject({ groups: [54_322, 54_323], nice: 5, oomScoreAdj: 400 });
        expect(JSON.stringify(heldBy(process.pid))).toBe(JSON.stringify(before));
        expect(syscall(prctl ?? 0, PR_GET_DUMPABLE)).toBe(dumpable);
        // The spawn does not wait for its execve(2).
        await eventually(() =>
          expect(readFileSync(`/proc/${pid}/cmdline`, 'latin1')).toBe('sleep\x001000\0'),
        );
      } finally {
        process.kill(pid, 'SIGKILL');
        await eventually(() => expect(reap(pid)).toBeDefined());
      }
    });
  },
);
