import { describe, expect, it } from 'vitest';
import { platform } from '../../src/posix/libc/platform.ts';
import { parsePath, parsePort } from '../../src/sockets/socket-spec.ts';

describe('--port', () => {
  it.each([
    ['8080', 'tcp ipv4 0.0.0.0 8080 - 8080'],
    ['0', 'tcp ipv4 0.0.0.0 0 - 0'],
    ['0080', 'tcp ipv4 0.0.0.0 80 - 0080'],
    ['65535', 'tcp ipv4 0.0.0.0 65535 - 65535'],
    ['u53', 'udp ipv4 0.0.0.0 53 - 53'],
    ['127.0.0.1:8080', 'tcp ipv4 127.0.0.1 8080 - 127.0.0.1:8080'],
    ['127.0.0.1:u53', 'udp ipv4 127.0.0.1 53 - 127.0.0.1:53'],
    ['127.1:80', 'tcp ipv4 127.1 80 - 127.1:80'],
    ['localhost:80', 'tcp ipv4 localhost 80 - localhost:80'],
    ['[localhost]:80', 'tcp ipv4 localhost 80 - localhost:80'],
    ['[::1]:8080', 'tcp ipv6 ::1 8080 - [::1]:8080'],
    ['::1:8080', 'tcp ipv6 ::1 8080 - [::1]:8080'],
    ['[::]:u53', 'udp ipv6 :: 53 - [::]:53'],
    ['::ffff:127.0.0.1:80', 'tcp ipv6 ::ffff:127.0.0.1 80 - [::ffff:127.0.0.1]:80'],
    ['80=3', 'tcp ipv4 0.0.0.0 80 3 80'],
    ['80=0', 'tcp ipv4 0.0.0.0 80 0 80'],
    ['127.0.0.1:80=2000', 'tcp ipv4 127.0.0.1 80 2000 127.0.0.1:80'],
    ['[::1]:u53=007', 'udp ipv6 ::1 53 7 [::1]:53'],
    [' 127.0.0.1 : 80 = 5 ', 'tcp ipv4 127.0.0.1 80 5 127.0.0.1:80'],
    ['\t[ ::1 ]:80\n', 'tcp ipv6 ::1 80 - [::1]:80'],
    [' u53 ', 'udp ipv4 0.0.0.0 53 - 53'],
  ])('%j is %s', (text, expected) => {
    const { kind, family, host, port, fd = '-', name, option } = parsePort(text);
    expect([kind, family, host, port, fd, name].join(' ')).toBe(expected);
    expect(option).toBe(`--port=${text}`);
  });

  it.each([
    ['', 'not a port'],
    ['http', 'not a port'],
    ['u', 'not a port'],
    ['80=', 'not a port'],
    ['80=x', 'not a port'],
    ['80=-1', 'not a port'],
    ['-80', 'not a port'],
    ['8 0', 'not a port'],
    ['8080/tcp', 'not a port'],
    ['localhost:', 'not a port'],
    ['٣', 'not a port'],
    ['65536', 'at most 65535'],
    ['99999999999999999999', 'at most 65535'],
    [':80', '"" is no host: the port alone, --port=80, means all addresses'],
    ['*:80', '"*" is no host: the port alone, --port=80, means all addresses'],
    ['http://localhost:80', 'not a port, host:port, port=fd or host:port=fd, but a URL'],
    ['http://localhost', 'but a URL'],
    ['a b:80', 'no host'],
    ['a;b=3:80', 'no host'],
    ['[:::1]:80', 'no IPv6 address'],
    ['::1', 'no IPv6 address'],
    ['fe80::1%lo:80', 'no IPv6 address'],
    ['80=99999999999', 'no descriptor number'],
  ])('%j is refused: %s', (text, why) => {
    expect(() => parsePort(text)).toThrow(`--port=${text}: `);
    expect(() => parsePort(text)).toThrow(why);
  });
});

describe('--path', () => {
  it.each(['/tmp/a.sock', 'a b', 'relative/x=3', 'u53', 'ü'])('%j is taken as it is', (path) => {
    expect(parsePath(path)).toEqual({
      kind: 'unix',
      path,
      fd: undefined,
      name: path,
      option: `--path=${path}`,
    });
  });

  it('may be as long as the system allows, in bytes', () => {
    const longest = platform.unixPathBytes - 1;
    expect(parsePath('a'.repeat(longest)).path).toHaveLength(longest);
    expect(() => parsePath('a'.repeat(longest + 1))).toThrow(`${longest + 1} bytes`);
    expect(() => parsePath(`${'a'.repeat(longest - 1)}ü`)).toThrow(`at most ${longest}`);
  });

  it.each(['a;b', 'a\nb', 'a\0b'])('%j cannot be passed on, and is refused', (path) => {
    expect(() => parsePath(path)).toThrow('SERVER_STARTER_PORT cannot name a path');
  });
});
