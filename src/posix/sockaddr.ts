// struct sockaddr_in, sockaddr_in6 and sockaddr_un as bytes.

import { memory } from './libc.ts';
import { type Platform, platform } from './platform.ts';

export type SocketAddress =
  | { readonly family: 'ipv4'; readonly host: string; readonly port: number }
  | { readonly family: 'ipv6'; readonly host: string; readonly port: number }
  | { readonly family: 'unix'; readonly path: Buffer };

export function sockaddr(address: SocketAddress, os: Platform = platform): Buffer {
  switch (address.family) {
    case 'ipv4':
      return internet(os, os.AF_INET, 16, address.port, (block) => ipv4Bytes(address.host).copy(block, 4));
    case 'ipv6':
      return internet(os, os.AF_INET6, 28, address.port, (block) => ipv6Bytes(address.host).copy(block, 8));
    case 'unix': {
      const block = start(os, os.AF_UNIX, 2 + address.path.length + 1);
      address.path.copy(block, 2);
      return block;
    }
  }
}

function internet(os: Platform, family: number, bytes: number, port: number, host: (block: Buffer) => void) {
  const block = start(os, family, bytes);
  block.writeUInt16BE(port, 2);
  host(block);
  return block;
}

function start(os: Platform, family: number, bytes: number): Buffer {
  const block = memory(bytes);
  if (os.sockaddrHasLength) block.set([bytes, family]);
  else block.writeUInt16LE(family);
  return block;
}

function ipv4Bytes(host: string): Buffer {
  return Buffer.from(host.split('.').map(Number));
}

function ipv6Bytes(host: string): Buffer {
  const [head = '', tail] = withoutDottedQuad(host).split('::');
  const before = groups(head);
  const after = groups(tail ?? '');
  const words = [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
  const bytes = Buffer.alloc(16);
  words.forEach((word, index) => {
    bytes.writeUInt16BE(word, index * 2);
  });
  return bytes;
}

/** `::ffff:127.0.0.1` ends in two groups written as an IPv4 address. */
function withoutDottedQuad(host: string): string {
  return host.replace(/[\d.]+$/, (quad) => {
    if (!quad.includes('.')) return quad;
    const bytes = ipv4Bytes(quad);
    return `${bytes.readUInt16BE(0).toString(16)}:${bytes.readUInt16BE(2).toString(16)}`;
  });
}

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}
