import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { darwin, linux } from '../../src/posix/libc/platform.ts';
import { parseSockaddr, type SocketAddress, sockaddr } from '../../src/posix/socket/sockaddr.ts';

const hex = (address: SocketAddress, os = linux) => sockaddr(address, os).toString('hex');

describe('an address as the kernel takes it', () => {
  it.each([
    ['linux', linux, '0200', '0a00', '0100'],
    ['darwin', darwin, '1002', '1c1e', '0801'],
  ])('begins on %s as its headers say', (_name, os, ipv4, ipv6, unix) => {
    expect(hex({ family: 'ipv4', host: '127.0.0.1', port: 8080 }, os)).toBe(
      `${ipv4}1f907f0000010000000000000000`,
    );
    expect(hex({ family: 'ipv6', host: '::1', port: 443 }, os)).toBe(
      `${ipv6}01bb00000000${'0'.repeat(30)}0100000000`,
    );
    expect(hex({ family: 'unix', path: Buffer.from('a.s\xff', 'latin1') }, os)).toBe(
      `${os === darwin ? '0701' : unix}612e73ff00`,
    );
  });

  it.each([
    ['::', '0'.repeat(32)],
    ['1::', `0001${'0'.repeat(28)}`],
    ['::ffff:127.0.0.1', '00000000000000000000ffff7f000001'],
    ['1:2:3:4:5:6:7.8.9.10', '0001000200030004000500060708090a'],
    ['2001:DB8::a:0:1', '20010db8000000000000000a00000001'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ])('holds IPv6 %s', (host, bytes) => {
    expect(hex({ family: 'ipv6', host, port: 0 }).slice(16, 48)).toBe(bytes);
  });

  it.each([linux, darwin])('is read back', (os) => {
    const addresses: SocketAddress[] = [
      { family: 'ipv4', host: '127.0.0.1', port: 8080 },
      { family: 'ipv6', host: '2001:db8::a:0:1', port: 443 },
      { family: 'ipv6', host: '::', port: 1 },
      { family: 'unix', path: Buffer.from('/a\xff', 'latin1') },
    ];
    for (const address of addresses) expect(parseSockaddr(sockaddr(address, os), os)).toEqual(address);
    expect(parseSockaddr(Buffer.from([40, 40, 0, 0]), os)).toBeUndefined();
  });

  it('holds every IPv6 address, shortened at any run of zeros', () => {
    const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
    const addresses = fc.array(group, { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(addresses, (groups) => {
        const text = groups.map((each) => each.toString(16)).join(':');
        const short = text.replace(/(^|:)0(:0)+(:|$)/, '::');
        const bytes = groups.map((each) => each.toString(16).padStart(4, '0')).join('');
        for (const host of [text, short])
          expect(hex({ family: 'ipv6', host, port: 9 }).slice(16, 48)).toBe(bytes);
      }),
    );
  });
});
