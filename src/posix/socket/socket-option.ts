// Socket options that are a number.

import { getsockopt, memory, setsockopt } from '../libc/libc.ts';
import { platform } from '../libc/platform.ts';

export function socketOption(fd: number, level: number, option: number): number {
  const value = memory(4);
  const length = memory(4);
  length.writeUInt32LE(value.length);
  getsockopt(fd, level, option, value, length);
  return value.readInt32LE();
}

export function setSocketOption(fd: number, level: number, option: number, value = 1): void {
  const block = memory(4);
  block.writeInt32LE(value);
  setsockopt(fd, level, option, block, block.length);
}

/** How long connect(2) waits for room in the queue of a Unix socket before it fails with EAGAIN. Linux on 64 bits alone. */
export function setSendTimeout(fd: number, milliseconds: number): void {
  const timeval = memory(16);
  timeval.writeBigInt64LE(BigInt(Math.floor(milliseconds / 1000)));
  timeval.writeBigInt64LE(BigInt((milliseconds % 1000) * 1000), 8);
  setsockopt(fd, platform.SOL_SOCKET, SO_SNDTIMEO, timeval, timeval.length);
}

const SO_SNDTIMEO = 21;
