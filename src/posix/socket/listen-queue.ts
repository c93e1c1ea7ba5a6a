// How many connections wait to be accepted at a listening socket, and how many may: the kernel's own numbers, on Linux alone.

import { getsockopt, memory } from '../libc/libc.ts';

export interface ListenQueue {
  readonly waiting: number;
  readonly limit: number;
}

/** Of a TCP socket; undefined where the kernel does not tell. */
export function tcpQueue(fd: number): ListenQueue | undefined {
  if (process.platform !== 'linux') return undefined;
  const info = memory(TCP_INFO_BYTES);
  const length = memory(4);
  length.writeUInt32LE(info.length);
  try {
    getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, length);
  } catch {
    return undefined;
  }
  // tcp_get_info() of a socket that listens: tcpi_unacked is its queue, tcpi_sacked the limit of that.
  return { waiting: info.readUInt32LE(TCPI_UNACKED), limit: info.readUInt32LE(TCPI_SACKED) };
}

const IPPROTO_TCP = 6;
const TCP_INFO = 11;
const TCP_INFO_BYTES = 104;
const TCPI_UNACKED = 24;
const TCPI_SACKED = 28;
