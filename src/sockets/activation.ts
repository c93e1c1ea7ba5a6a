// Socket activation, as sd_listen_fds(3) has it: sockets that our own caller, systemd mostly, has bound already. They
// stand from descriptor 3 up when LISTEN_PID is our pid, which the launcher keeps by executing Node in its own place.

import { isOpen, makePrivate } from '../posix/file/descriptor.ts';
import { platform } from '../posix/libc/platform.ts';
import { errorCode } from '../posix/libc/system-error.ts';
import type { Caller } from '../posix/process/caller.ts';
import { boundAddress, type SocketAddress } from '../posix/socket/sockaddr.ts';
import { socketOption } from '../posix/socket/socket-option.ts';
import { StartupError } from '../startup-error.ts';

export interface ActivatedSocket {
  readonly fd: number;
  readonly type: 'stream' | 'datagram';
  readonly address: SocketAddress;
  /** An IPv6 socket that takes IPv4 as well. */
  readonly dualStack: boolean;
  /** Its name in LISTEN_FDNAMES. */
  readonly fdName: string | undefined;
  /** What messages call it. */
  readonly option: string;
}

export interface Activation {
  /** The caller without what was meant for us alone. */
  readonly caller: Caller;
  readonly sockets: readonly ActivatedSocket[];
}

/** Between a service and its manager, and between a superdaemon whose worker we are and us: a worker of ours would be wrong to take them for its own. */
const OURS_ALONE: ReadonlySet<string> = new Set([
  'FDSTORE',
  'LISTEN_FDS',
  'LISTEN_FDNAMES',
  'LISTEN_PID',
  'LISTEN_PIDFDID',
  'NOTIFY_SOCKET',
  'WATCHDOG_PID',
  'WATCHDOG_USEC',
  'SERVER_STARTER_WORKER',
  'SERVER_STARTER_WORKERS',
  'SERVER_STARTER_OWN',
  'SERVER_STARTER_ASKS',
  'SERVER_STARTER_SIGNALS',
  'SERVER_STARTER_KILLED_AFTER',
  'SERVER_STARTER_SPARES',
  'SERVER_STARTER_UDP',
]);

/** LISTEN_PID for a daemon, whose pid nobody knows before it runs. */
const DAEMON = 'daemon';

const FIRST = 3;

/**
 * `again`: the predecessor has taken them already. Throws StartupError when our caller promised sockets and
 * did not give them.
 */
export function takeActivation(caller: Caller, again = false): Activation {
  const sockets = isForUs(caller) && !again ? activatedSockets(caller.environment) : [];
  const taken = new Set(sockets.map(({ fd }) => fd));
  return {
    caller: {
      ...caller,
      environment: new Map([...caller.environment].filter(([name]) => !OURS_ALONE.has(name))),
      descriptors: caller.descriptors.filter((fd) => !taken.has(fd)),
    },
    sockets,
  };
}

/** The same for a daemon that we start: what was given to us is given to it. */
export function activationForDaemon(caller: Caller): Caller {
  if (!isForUs(caller)) return caller;
  return { ...caller, environment: new Map([...caller.environment, ['LISTEN_PID', DAEMON]]) };
}

function isForUs({ environment, launcher }: Caller): boolean {
  const pid = environment.get('LISTEN_PID');
  return launcher === undefined ? pid === String(process.pid) : pid === DAEMON;
}

function activatedSockets(environment: Caller['environment']): ActivatedSocket[] {
  const text = environment.get('LISTEN_FDS');
  if (text === undefined) return [];
  const variable = `LISTEN_FDS=${text}`;
  if (!/^\d{1,6}$/.test(text)) throw new StartupError(`${variable}: not a number of descriptors`);
  const names = environment.get('LISTEN_FDNAMES')?.split(':') ?? [];
  return Array.from({ length: Number(text) }, (_, index) => {
    const fd = FIRST + index;
    return activatedSocket(fd, names[index] || undefined, `${variable}: descriptor ${fd}`);
  });
}

function activatedSocket(fd: number, fdName: string | undefined, option: string): ActivatedSocket {
  if (!isOpen(fd)) throw new StartupError(`${option} is not open`);
  const address = addressOf(fd, option);
  const type = typeOf(fd, option);
  if (type === 'stream' && !socketOption(fd, platform.SOL_SOCKET, platform.SO_ACCEPTCONN)) {
    throw new StartupError(`${option} is not listening (a unit of systemd needs Accept=no)`);
  }
  const dualStack =
    address.family === 'ipv6' && !socketOption(fd, platform.IPPROTO_IPV6, platform.IPV6_V6ONLY);
  // The log command is started before the sockets get to their places.
  makePrivate(fd);
  return { fd, type, address, dualStack, fdName, option };
}

function addressOf(fd: number, option: string): SocketAddress {
  try {
    const address = boundAddress(fd);
    if (address !== undefined) return address;
  } catch (error) {
    if (errorCode(error) === 'ENOTSOCK') throw new StartupError(`${option} is not a socket`);
    throw error;
  }
  throw new StartupError(`${option} is neither an IPv4, nor an IPv6, nor a Unix socket`);
}

function typeOf(fd: number, option: string): ActivatedSocket['type'] {
  const type = socketOption(fd, platform.SOL_SOCKET, platform.SO_TYPE);
  if (type === platform.SOCK_STREAM) return 'stream';
  if (type === platform.SOCK_DGRAM) return 'datagram';
  throw new StartupError(`${option} is neither a stream nor a datagram socket`);
}
