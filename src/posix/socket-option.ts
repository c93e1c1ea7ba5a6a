// Socket options that are a number.

import { getsockopt, memory, setsockopt } from './libc.ts';

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
