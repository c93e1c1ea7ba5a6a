// The numbers of macOS: nobody here has its headers, so they stand here as its SDK (14) has them. Those of Linux are compared
// with the headers themselves (test/peers/headers.test.ts).

import { describe, expect, it } from 'vitest';
import { darwin } from '../../src/posix/libc/platform.ts';

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
