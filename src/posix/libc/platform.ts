// Every number of the C library's that differs between the systems we run on. Sources: <sys/socket.h>,
// <fcntl.h>, <spawn.h>, <signal.h> and <sys/resource.h> of glibc 2.36, musl 1.2 and the macOS 14 SDK.

export interface Platform {
  readonly AF_UNIX: number;
  readonly AF_INET: number;
  readonly AF_INET6: number;
  readonly SOCK_STREAM: number;
  readonly SOCK_DGRAM: number;
  readonly SOL_SOCKET: number;
  readonly SO_REUSEADDR: number;
  /** Adds the sender's credentials to each datagram of a Unix socket; 0 where there is no such thing. */
  readonly SO_PASSCRED: number;
  readonly SO_TYPE: number;
  readonly SO_ACCEPTCONN: number;
  readonly SOMAXCONN: number;
  readonly IPPROTO_IPV6: number;
  readonly IPV6_V6ONLY: number;
  readonly F_GETFD: number;
  readonly F_SETFD: number;
  readonly FD_CLOEXEC: number;
  readonly F_GETFL: number;
  readonly F_SETFL: number;
  readonly F_DUPFD_CLOEXEC: number;
  readonly O_NONBLOCK: number;
  readonly RLIMIT_NOFILE: number;
  readonly POSIX_SPAWN_SETSIGDEF: number;
  readonly POSIX_SPAWN_SETSIGMASK: number;
  readonly POSIX_SPAWN_SETSID: number;
  /** sockaddr starts with its own length (BSD) instead of a 16-bit family. */
  readonly sockaddrHasLength: boolean;
  /** Bytes that sun_path holds, its NUL included. */
  readonly unixPathBytes: number;
  readonly sigsetBytes: number;
  readonly lastSignal: number;
  /** The last one that the system, or its C library for itself (32 to 34), has a use for: real-time signals come behind it. */
  readonly lastReservedSignal: number;
  /** Room for posix_spawn_file_actions_t and posix_spawnattr_t, generous on purpose: they are opaque. */
  readonly spawnStructBytes: number;
  readonly waitid: {
    readonly P_ALL: number;
    readonly WEXITED: number;
    readonly WNOWAIT: number;
    /** Offset of si_pid in siginfo_t. */
    readonly siginfoPid: number;
  };
  /** getsockopt that names the process which called listen(2), or connect(2); its pid stands at offset 0. */
  readonly peerPid: { readonly level: number; readonly option: number; readonly bytes: number };
  /** System calls by number; undefined where there is no such thing. */
  readonly pidfd: { readonly sendSignal: number; readonly open: number; readonly getfd: number } | undefined;
  /** Whether Unix sockets can have a name without a file, and tell the uid of a peer, at offset 4 behind its pid. */
  readonly hasAbstractSockets: boolean;
}

const posix = {
  AF_UNIX: 1,
  AF_INET: 2,
  SOCK_STREAM: 1,
  SOCK_DGRAM: 2,
  IPPROTO_IPV6: 41,
  F_GETFD: 1,
  F_SETFD: 2,
  FD_CLOEXEC: 1,
  F_GETFL: 3,
  F_SETFL: 4,
  POSIX_SPAWN_SETSIGDEF: 0x04,
  POSIX_SPAWN_SETSIGMASK: 0x08,
  spawnStructBytes: 512,
} as const;

/** x86-64 and arm64, glibc and musl alike. */
export const linux: Platform = {
  ...posix,
  AF_INET6: 10,
  SOL_SOCKET: 1,
  SO_REUSEADDR: 2,
  SO_PASSCRED: 16,
  SO_TYPE: 3,
  SO_ACCEPTCONN: 30,
  // Not <sys/socket.h>'s 128: the kernel's own ceiling (net.core.somaxconn) cuts it down from here.
  SOMAXCONN: 4096,
  IPV6_V6ONLY: 26,
  F_DUPFD_CLOEXEC: 1030,
  O_NONBLOCK: 0o4000,
  RLIMIT_NOFILE: 7,
  POSIX_SPAWN_SETSID: 0x80,
  sockaddrHasLength: false,
  unixPathBytes: 108,
  sigsetBytes: 128,
  lastSignal: 64,
  lastReservedSignal: 34,
  waitid: { P_ALL: 0, WEXITED: 4, WNOWAIT: 0x0100_0000, siginfoPid: 16 },
  peerPid: { level: 1, option: 17, bytes: 12 },
  pidfd: { sendSignal: 424, open: 434, getfd: 438 },
  hasAbstractSockets: true,
};

export const darwin: Platform = {
  ...posix,
  AF_INET6: 30,
  SOL_SOCKET: 0xffff,
  SO_REUSEADDR: 0x0004,
  SO_PASSCRED: 0,
  SO_TYPE: 0x1008,
  SO_ACCEPTCONN: 0x0002,
  SOMAXCONN: 128,
  IPV6_V6ONLY: 27,
  F_DUPFD_CLOEXEC: 67,
  O_NONBLOCK: 0x0004,
  RLIMIT_NOFILE: 8,
  POSIX_SPAWN_SETSID: 0x0400,
  sockaddrHasLength: true,
  unixPathBytes: 104,
  sigsetBytes: 4,
  lastSignal: 31,
  lastReservedSignal: 31,
  waitid: { P_ALL: 0, WEXITED: 4, WNOWAIT: 0x20, siginfoPid: 12 },
  peerPid: { level: 0, option: 0x002, bytes: 4 },
  pidfd: undefined,
  hasAbstractSockets: false,
};

export const platform: Platform = process.platform === 'darwin' ? darwin : linux;
