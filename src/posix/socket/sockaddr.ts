// struct sockaddr_in, sockaddr_in6 and sockaddr_un as bytes.

import { bind, getsockname, memory } from '../libc/libc.ts';
import { type Platform, platform } from '../libc/platform.ts';
import { ipBytes, ipText } from './ip-address.ts';

export type SocketAddress = InternetAddress | { readonly family: 'unix'; readonly path: Buffer };

export interface InternetAddress {
  readonly family: 'ipv4' | 'ipv6';
  /** In digits. */
  readonly host: string;
  readonly port: number;
}

export function sockaddr(address: SocketAddress, os: Platform = platform): Buffer {
  switch (address.family) {
    case 'ipv4':
      return internet(os, os.AF_INET, 16, address.port, (block) =>
        ipBytes('ipv4', address.host).copy(block, 4),
      );
    case 'ipv6':
      return internet(os, os.AF_INET6, 28, address.port, (block) =>
        ipBytes('ipv6', address.host).copy(block, 8),
      );
    case 'unix': {
      const block = start(os, os.AF_UNIX, 2 + address.path.length + 1);
      address.path.copy(block, 2);
      return block;
    }
  }
}

/** A name that needs no file and goes with its socket; it ends where the address does, without a NUL. Linux only. */
export function abstractAddress(name: string): Buffer {
  const path = Buffer.from(`\0${name}`);
  return sockaddr({ family: 'unix', path }).subarray(0, 2 + path.length);
}

export function bindTo(fd: number, address: SocketAddress): void {
  const bytes = sockaddr(address);
  bind(fd, bytes, bytes.length);
}

/** What a socket is bound to; undefined for a family other than these. Throws SystemError: ENOTSOCK … */
export function boundAddress(fd: number): SocketAddress | undefined {
  const block = memory(LONGEST_SOCKADDR);
  const length = memory(4);
  length.writeUInt32LE(block.length);
  getsockname(fd, block, length);
  return parseSockaddr(block.subarray(0, length.readUInt32LE()));
}

export function parseSockaddr(block: Buffer, os: Platform = platform): SocketAddress | undefined {
  switch (os.sockaddrHasLength ? block.readUInt8(1) : block.readUInt16LE()) {
    case os.AF_INET:
      return { family: 'ipv4', host: ipText('ipv4', block.subarray(4, 8)), port: block.readUInt16BE(2) };
    case os.AF_INET6:
      return { family: 'ipv6', host: ipText('ipv6', block.subarray(8, 24)), port: block.readUInt16BE(2) };
    case os.AF_UNIX:
      return { family: 'unix', path: unixPath(block.subarray(2)) };
    default:
      return undefined;
  }
}

/** sockaddr_storage. */
const LONGEST_SOCKADDR = 128;

/** A path ends at its NUL; an abstract name begins with one and may hold more. */
function unixPath(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return end > 0 ? bytes.subarray(0, end) : bytes;
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
