// The numbers that differ between systems. Those of Linux are compared with the C headers; nobody here has the ones of
// macOS, so they stand here as its SDK (14) has them.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { darwin, linux } from '../../src/posix/platform.ts';
import { tempDir } from '../support/temp-dir.ts';

const HEADERS = [
  'errno.h',
  'fcntl.h',
  'netinet/in.h',
  'signal.h',
  'spawn.h',
  'sys/resource.h',
  'sys/socket.h',
  'sys/un.h',
  'sys/wait.h',
];

const CONSTANTS = [
  'AF_UNIX',
  'AF_INET',
  'AF_INET6',
  'SOCK_STREAM',
  'SOCK_DGRAM',
  'SOL_SOCKET',
  'SO_REUSEADDR',
  'SO_TYPE',
  'SO_ACCEPTCONN',
  'IPPROTO_IPV6',
  'IPV6_V6ONLY',
  'F_GETFD',
  'F_SETFD',
  'F_GETFL',
  'F_SETFL',
  'F_DUPFD_CLOEXEC',
  'O_NONBLOCK',
  'RLIMIT_NOFILE',
  'POSIX_SPAWN_SETSIGDEF',
  'POSIX_SPAWN_SETSIGMASK',
  'POSIX_SPAWN_SETSID',
] as const;

describe.skipIf(process.platform !== 'linux' || !hasCompiler())('a number of Linux (needs cc)', () => {
  it('is the one in the C headers', () => {
    const real = valuesInC(CONSTANTS);
    expect(Object.fromEntries(CONSTANTS.map((name) => [name, linux[name]]))).toEqual(real);
  });

  it('gives the sizes of the C structures', () => {
    const { path, sigset, actions, attributes, ucred } = valuesInC({
      path: 'sizeof ((struct sockaddr_un *)0)->sun_path',
      sigset: 'sizeof(sigset_t)',
      actions: 'sizeof(posix_spawn_file_actions_t)',
      attributes: 'sizeof(posix_spawnattr_t)',
      ucred: 'sizeof(struct ucred)',
    });
    expect(linux.unixPathBytes).toBe(path);
    expect(linux.sigsetBytes).toBe(sigset);
    expect(linux.spawnStructBytes).toBeGreaterThanOrEqual(Math.max(actions ?? 0, attributes ?? 0));
    expect(linux.peerPid.bytes).toBe(ucred);
  });

  it('names the option that tells who listens', () => {
    const { level, option, pidAt } = valuesInC({
      level: 'SOL_SOCKET',
      option: 'SO_PEERCRED',
      pidAt: '__builtin_offsetof(struct ucred, pid)',
    });
    expect([linux.peerPid.level, linux.peerPid.option, 0]).toEqual([level, option, pidAt]);
  });

  it('tells waitid apart, and where it writes the pid', () => {
    const real = valuesInC({
      P_ALL: 'P_ALL',
      WEXITED: 'WEXITED',
      WNOWAIT: 'WNOWAIT',
      siginfoPid: '__builtin_offsetof(siginfo_t, si_pid)',
    });
    expect(linux.waitid).toEqual(real);
  });
});

describe('a number of macOS', () => {
  it('is the one of its SDK', () => {
    expect(darwin).toMatchObject({
      AF_UNIX: 1,
      AF_INET: 2,
      AF_INET6: 30,
      SOCK_STREAM: 1,
      SOCK_DGRAM: 2,
      SOL_SOCKET: 0xffff,
      SO_REUSEADDR: 4,
      SOMAXCONN: 128,
      IPPROTO_IPV6: 41,
      IPV6_V6ONLY: 27,
      F_GETFD: 1,
      F_SETFD: 2,
      F_SETFL: 4,
      F_DUPFD_CLOEXEC: 67,
      O_NONBLOCK: 4,
      RLIMIT_NOFILE: 8,
      POSIX_SPAWN_SETSIGDEF: 4,
      POSIX_SPAWN_SETSIGMASK: 8,
      POSIX_SPAWN_SETSID: 0x400,
      sockaddrHasLength: true,
      unixPathBytes: 104,
      sigsetBytes: 4,
      peerPid: { level: 0, option: 2, bytes: 4 },
      waitid: { P_ALL: 0, WEXITED: 4, WNOWAIT: 0x20, siginfoPid: 12 },
    });
  });
});

function valuesInC<Name extends string>(
  wanted: readonly Name[] | Record<Name, string>,
): Record<string, number> {
  const pairs: [string, string][] = Array.isArray(wanted)
    ? wanted.map((name) => [name, name])
    : Object.entries<string>(wanted as Record<Name, string>);
  const prints = pairs.map(([name, expression]) => `printf("${name} %ld\\n", (long)(${expression}));`);
  const includes = [...HEADERS, 'stdio.h'].map((header) => `#include <${header}>`);
  using dir = tempDir();
  const source = dir.join('values.c');
  writeFileSync(
    source,
    ['#define _GNU_SOURCE', ...includes, 'int main(void) {', ...prints, '}', ''].join('\n'),
  );
  execFileSync('cc', ['-o', dir.join('values'), source]);
  const lines = execFileSync(dir.join('values'), { encoding: 'utf8' }).trim().split('\n');
  return Object.fromEntries(lines.map((line) => [line.split(' ')[0], Number(line.split(' ')[1])]));
}

function hasCompiler(): boolean {
  try {
    execFileSync('cc', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
