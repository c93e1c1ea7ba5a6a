// Every number of the C library's and the kernel's that we know by heart, against the headers of each C library and machine.

import { writeFileSync } from 'node:fs';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { linux } from '../../src/posix/libc/platform.ts';
import { machines } from '../../src/posix/process/call-list.ts';
import { describePeer } from '../support/peer.ts';
import { tempDir } from '../support/temp-dir.ts';

const HEADERS = [
  'errno.h',
  'fcntl.h',
  'netinet/in.h',
  'sched.h',
  'signal.h',
  'spawn.h',
  'stddef.h',
  'sys/mman.h',
  'sys/resource.h',
  'sys/socket.h',
  'sys/syscall.h',
  'netinet/tcp.h',
  'linux/netlink.h',
  'linux/sock_diag.h',
  'linux/unix_diag.h',
  'sys/ucontext.h',
  'sys/un.h',
  'sys/wait.h',
  'ucontext.h',
  'linux/futex.h',
];

/** What C says, and what it has to be. */
type Fact = readonly [expression: string, value: number];

const { waitid, peerPid, pidfd } = linux;

const shared: readonly Fact[] = [
  ...Object.entries(linux).flatMap(([name, value]): Fact[] =>
    // Not <sys/socket.h>'s, which is the kernel's old ceiling.
    typeof value === 'number' && /^[A-Z]/.test(name) && name !== 'SOMAXCONN' ? [[name, value]] : [],
  ),
  ['sizeof(((struct sockaddr_un *)0)->sun_path)', linux.unixPathBytes],
  ['sizeof(sigset_t)', linux.sigsetBytes],
  ['_NSIG - 1', linux.lastSignal],
  [`sizeof(posix_spawn_file_actions_t) <= ${linux.spawnStructBytes}`, 1],
  [`sizeof(posix_spawnattr_t) <= ${linux.spawnStructBytes}`, 1],
  ['P_ALL', waitid.P_ALL],
  ['WEXITED', waitid.WEXITED],
  ['WNOWAIT', waitid.WNOWAIT],
  ['WNOHANG', 1],
  ['offsetof(siginfo_t, si_pid)', waitid.siginfoPid],
  ['SOL_SOCKET', peerPid.level],
  ['SO_PEERCRED', peerPid.option],
  ['sizeof(struct ucred)', peerPid.bytes],
  ['offsetof(struct ucred, pid)', 0],
  ['offsetof(struct ucred, uid)', 4],
  ['SYS_pidfd_send_signal', pidfd?.sendSignal ?? 0],
  ['SYS_pidfd_open', pidfd?.open ?? 0],
  ['SYS_pidfd_getfd', pidfd?.getfd ?? 0],
  ['CLONE_VM', 0x100],
  ['CLONE_CHILD_CLEARTID', 0x20_0000],
  ['SIGCHLD', 17],
  ['SIG_SETMASK', 2],
  ['FUTEX_WAIT', 0],
  ['ETIMEDOUT', 110],
  ['PROT_READ | PROT_WRITE << 8 | PROT_EXEC << 16', 1 | (2 << 8) | (4 << 16)],
  ['MAP_PRIVATE | MAP_ANONYMOUS', 0x22],
  ['sizeof(struct rlimit)', 16],
  ['sizeof(struct sigaction)', 152],
  ['offsetof(struct sigaction, sa_mask)', 8],
  ['offsetof(struct sigaction, sa_flags)', 136],
  ['SA_SIGINFO | SA_RESTART', 0x1000_0004],
  ['MSG_TRUNC', 0x20],
  ['SCM_CREDENTIALS', 2],
  ['sizeof(struct msghdr)', 56],
  ['offsetof(struct msghdr, msg_iov)', 16],
  ['offsetof(struct msghdr, msg_iovlen)', 24],
  ['offsetof(struct msghdr, msg_control)', 32],
  ['offsetof(struct msghdr, msg_controllen)', 40],
  ['offsetof(struct msghdr, msg_flags)', 48],
  ['IPPROTO_TCP', 6],
  ['TCP_INFO', 11],
  ['offsetof(struct tcp_info, tcpi_unacked)', 24],
  ['offsetof(struct tcp_info, tcpi_sacked)', 28],
  ['AF_NETLINK', 16],
  ['NETLINK_SOCK_DIAG', 4],
  ['SOCK_DIAG_BY_FAMILY', 20],
  ['sizeof(struct nlmsghdr)', 16],
  ['sizeof(struct unix_diag_req)', 24],
  ['offsetof(struct unix_diag_req, udiag_ino)', 8],
  ['offsetof(struct unix_diag_req, udiag_show)', 12],
  ['offsetof(struct unix_diag_req, udiag_cookie)', 16],
  ['UDIAG_SHOW_RQLEN', 0x10],
  ['sizeof(struct unix_diag_msg)', 16],
  ['UNIX_DIAG_RQLEN', 4],
];

const ofMachine = (architecture: 'x64' | 'arm64'): Fact[] => [
  ...Object.entries(machines[architecture]?.calls ?? {}).map(
    ([name, number]): Fact => [`SYS_${name}`, number],
  ),
  ['SYS_exit_group', architecture === 'x64' ? 231 : 94],
  ['SYS_rt_sigprocmask', architecture === 'x64' ? 14 : 135],
  ['SYS_tgkill', architecture === 'x64' ? 234 : 131],
  ['offsetof(ucontext_t, uc_sigmask)', architecture === 'x64' ? 296 : 40],
];

describePeer('the headers', ['cc', 'musl-gcc', 'aarch64-linux-gnu-gcc'], () => {
  it.each([
    ['glibc, x86-64', ['cc', '-m64'], 'x64'],
    // The kernel's own headers are the machine's; musl has none.
    [
      'musl, x86-64',
      ['musl-gcc', '-idirafter', '/usr/include', '-idirafter', '/usr/include/x86_64-linux-gnu'],
      'x64',
    ],
    ['glibc, arm64', ['aarch64-linux-gnu-gcc'], 'arm64'],
  ] as const)('of %s say the numbers that we know', async (_, [compiler, ...words], architecture) => {
    using dir = tempDir();
    const facts = [...shared, ...ofMachine(architecture)];
    const lines = facts.map(
      ([expression, value]) => `_Static_assert((long)(${expression}) == ${value}L, "is not ${value}");`,
    );
    const includes = HEADERS.map((header) => `#include <${header}>`);
    writeFileSync(dir.join('facts.c'), ['#define _GNU_SOURCE', ...includes, ...lines, ''].join('\n'));
    const { stderr } = await execa({ reject: false })(compiler, [
      ...words,
      '-fsyntax-only',
      dir.join('facts.c'),
    ]);
    expect(stderr).toBe('');
    expect(facts.length).toBeGreaterThan(60);
  });
});
