import { makePrivate, setBlocking } from '../../src/posix/file/descriptor.ts';
import { close, listen, socket } from '../../src/posix/libc/libc.ts';
import { platform } from '../../src/posix/libc/platform.ts';
import { bindTo, type SocketAddress } from '../../src/posix/socket/sockaddr.ts';
import { setSocketOption } from '../../src/posix/socket/socket-option.ts';
import type { SuperdaemonOptions } from './superdaemon.ts';

/** A socket that the test itself holds, and never accepts on: as systemd does. */
export interface HeldSocket extends Disposable {
  readonly fd: number;
}

export interface HowToHold {
  readonly datagram?: boolean;
  readonly listening?: boolean;
  readonly ipv6Only?: boolean;
}

const families = { ipv4: platform.AF_INET, ipv6: platform.AF_INET6, unix: platform.AF_UNIX };

/** Non-blocking, for the workers are to see that this is put right. */
export function holdSocket(address: SocketAddress, how: HowToHold = {}): HeldSocket {
  const { datagram = false, listening = !datagram, ipv6Only = false } = how;
  const fd = socket(families[address.family], datagram ? platform.SOCK_DGRAM : platform.SOCK_STREAM, 0);
  setSocketOption(fd, platform.SOL_SOCKET, platform.SO_REUSEADDR);
  if (address.family === 'ipv6') {
    setSocketOption(fd, platform.IPPROTO_IPV6, platform.IPV6_V6ONLY, ipv6Only ? 1 : 0);
  }
  bindTo(fd, address);
  if (listening) listen(fd, 100);
  makePrivate(fd);
  setBlocking(fd, false);
  return { fd, [Symbol.dispose]: () => close(fd) };
}

export const unixAddress = (path: string): SocketAddress => ({ family: 'unix', path: Buffer.from(path) });
export const ipv4Address = (port: number, host = '127.0.0.1'): SocketAddress => ({
  family: 'ipv4',
  host,
  port,
});

/** How systemd would start the program with these sockets. */
export function activatedBy(
  sockets: readonly { readonly fd: number }[],
  env: Readonly<Record<string, string>> = {},
): SuperdaemonOptions & { readonly via: readonly string[] } {
  return {
    descriptors: sockets.map(({ fd }) => fd),
    env: { LISTEN_FDS: String(sockets.length), ...env },
    via: ['sh', '-c', 'LISTEN_PID=$$ exec "$@"', 'sh'],
  };
}
