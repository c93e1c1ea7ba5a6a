// The kernel's tables of sockets, /proc/net: those of our network namespace.

import { readFileSync } from 'node:fs';
import { fromBytes } from '../posix/bytes.ts';
import { type InternetAddress, sockaddr } from '../posix/sockaddr.ts';

export interface Entry {
  readonly host: string;
  readonly port: number;
  readonly isListening: boolean;
  readonly uid: string;
  readonly inode: string;
}

/** A TCP socket that listens, a UDP socket that is connected to nobody. */
const LISTENING: ReadonlySet<string> = new Set(['0A', '07']);

export function entriesOf(table: string): Entry[] {
  const lines = readTable(`/proc/net/${table}`).toString('latin1').split('\n').slice(1, -1);
  return lines.map((line) => {
    const [, local = '', , state = '', , , , uid = '', , inode = ''] = line.trim().split(/\s+/);
    const [host = '', port = ''] = local.split(':');
    return { host, port: Number.parseInt(port, 16), isListening: LISTENING.has(state), uid, inode };
  });
}

function readTable(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}

/** As the tables have it: 32-bit words of the machine's order, in hexadecimal. */
export function hostInTable(address: InternetAddress): string {
  const bytes = address.family === 'ipv4' ? [4, 8] : [8, 24];
  return Buffer.from(sockaddr(address).subarray(...bytes))
    .swap32()
    .toString('hex')
    .toUpperCase();
}

export interface UnixEntry {
  readonly inode: string;
  /** As it was given to bind(2), bytes kept (see bytes.ts). */
  readonly path: string;
}

/** Stream sockets that listen. Lines are `NUM: REFS PROTOCOL FLAGS TYPE STATE INODE PATH`. */
export function listeningUnixSockets(): UnixEntry[] {
  const lines = fromBytes(readTable('/proc/net/unix')).split('\n');
  return lines.flatMap((line) => {
    const { flags = '', inode = '', path = '' } = UNIX_LINE.exec(line)?.groups ?? {};
    return Number.parseInt(flags, 16) & SO_ACCEPTCON ? [{ inode, path }] : [];
  });
}

const UNIX_LINE = /^\w+: \w+ \w+ (?<flags>\w+) 0001 \w+ +(?<inode>\d+) (?<path>.+)$/;
const SO_ACCEPTCON = 0x10000;
