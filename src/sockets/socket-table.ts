// The kernel's tables of sockets, /proc/net: those of our network namespace. They may be long, for they have all connections,
// too: a table is read once for all that is looked for in it, and only the lines of sockets that listen are taken apart.

import { readFileSync } from 'node:fs';
import { fromBytes } from '../posix/libc/bytes.ts';
import { type InternetAddress, sockaddr } from '../posix/socket/sockaddr.ts';
import type { InternetSpec } from './socket-spec.ts';

export type TableName = 'tcp' | 'tcp6' | 'udp' | 'udp6';

export interface Entry {
  readonly host: string;
  readonly port: number;
  readonly uid: string;
  readonly inode: string;
}

/** A TCP socket that listens, a UDP socket that is connected to nobody. */
const LISTENING: Readonly<Record<InternetSpec['kind'], string>> = { tcp: ' 0A ', udp: ' 07 ' };

/** Those that listen. */
export function listeningSockets(table: TableName): Entry[] {
  const state = LISTENING[table === 'tcp' || table === 'tcp6' ? 'tcp' : 'udp'];
  const lines = readTable(table).toString('latin1').split('\n');
  return lines.filter((line) => line.includes(state)).map(entry);
}

/** `SL LOCAL REMOTE STATE QUEUES TIMER RETRANSMITS UID TIMEOUT INODE …` */
function entry(line: string): Entry {
  const [, local = '', , , , , , uid = '', , inode = ''] = line.trim().split(/\s+/);
  const [host = '', port = ''] = local.split(':');
  return { host, port: Number.parseInt(port, 16), uid, inode };
}

function readTable(name: string): Buffer {
  try {
    return readFileSync(`/proc/net/${name}`);
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
  const lines = fromBytes(readTable('unix')).split('\n');
  return lines.flatMap((line) => {
    const { flags = '', inode = '', path = '' } = UNIX_LINE.exec(line)?.groups ?? {};
    return Number.parseInt(flags, 16) & SO_ACCEPTCON ? [{ inode, path }] : [];
  });
}

const UNIX_LINE = /^\w+: \w+ \w+ (?<flags>\w+) 0001 \w+ +(?<inode>\d+) (?<path>.+)$/;
const SO_ACCEPTCON = 0x10000;
