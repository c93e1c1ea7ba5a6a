import { describe, expect, it } from 'vitest';
import type { SocketAddress } from '../../src/posix/socket/sockaddr.ts';
import type { ActivatedSocket } from '../../src/sockets/activation.ts';
import { matchActivated } from '../../src/sockets/match-activated.ts';
import { resolve } from '../../src/sockets/resolve.ts';
import { parsePath, parsePort } from '../../src/sockets/socket-spec.ts';

const socket = (
  fd: number,
  address: SocketAddress,
  more: Partial<ActivatedSocket> = {},
): ActivatedSocket => ({
  fd,
  type: 'stream',
  address,
  dualStack: false,
  fdName: undefined,
  option: `descriptor ${fd}`,
  ...more,
});
const ipv4 = (fd: number, host: string, port: number, more: Partial<ActivatedSocket> = {}) =>
  socket(fd, { family: 'ipv4', host, port }, more);
const ipv6 = (fd: number, host: string, port: number, more: Partial<ActivatedSocket> = {}) =>
  socket(fd, { family: 'ipv6', host, port }, more);
const unix = (fd: number, path: string, more: Partial<ActivatedSocket> = {}) =>
  socket(fd, { family: 'unix', path: Buffer.from(path, 'latin1') }, more);

/** `name=descriptor`, or `name` where it is to be bound. */
async function placed(options: readonly string[], sockets: readonly ActivatedSocket[]): Promise<string[]> {
  const specs = options.map((text) => (text.startsWith('/') ? parsePath(text) : parsePort(text)));
  const all = matchActivated(await resolve(specs), sockets);
  return all.map(({ spec, activated }) => (activated ? `${spec.name}=${activated.fd}` : spec.name));
}

describe('a socket that our caller bound', () => {
  it('serves the option of its address, in the order of the options', async () => {
    const sockets = [unix(3, '/a'), ipv6(4, '::1', 80), ipv4(5, '127.0.0.1', 80), ipv4(6, '0.0.0.0', 80)];
    expect(await placed(['80', '127.0.0.1:80', '[0:0::1]:80', '/a', '/b'], sockets)).toEqual([
      '80=6',
      '127.0.0.1:80=5',
      '[0:0::1]:80=4',
      '/a=3',
      '/b',
    ]);
  });

  it('serves a host name that means its address', async () => {
    expect(await placed(['localhost:80'], [ipv4(3, '127.0.0.1', 80)])).toEqual(['localhost:80=3']);
  });

  it('serves only the same kind, address, port and path', async () => {
    const sockets = [ipv4(3, '127.0.0.1', 80, { type: 'datagram' }), unix(4, '/a', { type: 'datagram' })];
    expect(await placed(['127.0.0.1:80', 'u80', '/a'], sockets)).toEqual([
      '127.0.0.1:80',
      '80',
      '/a',
      '127.0.0.1:80=3',
      '/a=4',
    ]);
    expect(await placed(['127.0.0.1:u80', '81', '127.0.0.2:80'], sockets.slice(0, 1))).toEqual([
      '127.0.0.1:80=3',
      '81',
      '127.0.0.2:80',
    ]);
  });

  it('serves one option, and that of port 0 none', async () => {
    expect(await placed(['80', '80'], [ipv4(3, '0.0.0.0', 80)])).toEqual(['80=3', '80']);
    expect(await placed(['0'], [ipv4(3, '0.0.0.0', 0)])).toEqual(['0', '0=3']);
  });

  it('as [::] serves all IPv4 addresses where it takes them, if nothing asks for [::] itself', async () => {
    const dual = ipv6(3, '::', 80, { dualStack: true });
    expect(await placed(['80'], [dual])).toEqual(['80=3']);
    expect(await placed(['80', '[::]:80'], [dual])).toEqual(['80', '[::]:80=3']);
    expect(await placed(['127.0.0.1:80'], [dual])).toEqual(['127.0.0.1:80', '[::]:80=3']);
    expect(await placed(['80'], [ipv6(3, '::', 80)])).toEqual(['80', '[::]:80=3']);
    expect(await placed(['81'], [dual])).toEqual(['81', '[::]:80=3']);
  });

  it('is named by its address where no option names it', async () => {
    const sockets = [ipv4(3, '0.0.0.0', 80), ipv4(4, '10.0.0.1', 80), unix(5, '/a b'), unix(6, '\0abstract')];
    expect(await placed([], sockets)).toEqual(['80=3', '10.0.0.1:80=4', '/a b=5', '@abstract=6']);
  });

  it.each(['', '/a;b', '/a\nb', '\0a\0b'])('is refused where it cannot be named: %j', async (path) => {
    await expect(placed([], [unix(3, path)])).rejects.toThrow(/^descriptor 3/);
  });
});
