// The parts of a shared object, elf(5): 64 bits, little-endian.

import { words } from './hold-code.ts';

/** The distance between what is read and what is written: the largest page of any kernel. */
export const PAGE = 0x1_0000;
export const HEADER = 64;
export const SEGMENT = 56;
export const SYMBOL = 24;
export const [EXECUTE, WRITE, READ] = [1, 2, 4];
export const DT = { NULL: 0, HASH: 4, STRTAB: 5, SYMTAB: 6, STRSZ: 10, SYMENT: 11 };
export const [GLOBAL_OBJECT, GLOBAL_FUNCTION] = [0x11, 0x12];

export function header(machine: number): Buffer {
  const bytes = Buffer.alloc(HEADER);
  // 64 bits, little-endian, version 1.
  bytes.write('\x7fELF\x02\x01\x01', 'latin1');
  bytes.writeUInt16LE(3, 16);
  bytes.writeUInt16LE(machine, 18);
  bytes.writeUInt32LE(1, 20);
  bytes.writeBigUInt64LE(BigInt(HEADER), 32);
  bytes.writeUInt16LE(HEADER, 52);
  bytes.writeUInt16LE(SEGMENT, 54);
  bytes.writeUInt16LE(4, 56);
  return bytes;
}

interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly from: number;
  readonly to: number;
  readonly address: number;
}

export function segment({ type, flags, from, to, address }: Segment): Buffer {
  return Buffer.concat([words([type, flags]), longs([from, address, address, to - from, to - from, PAGE])]);
}

export interface ElfSymbol {
  readonly name: number;
  readonly info: number;
  readonly address: number;
  readonly size: number;
}

export function symbol({ name, info, address, size }: ElfSymbol): Buffer {
  // Of section 1: any that is not 0 will do.
  return Buffer.concat([words([name, info | (1 << 16)]), longs([address, size])]);
}

export function longs(values: readonly number[]): Buffer {
  return words(values.flatMap((value) => [value, 0]));
}

export function padded(bytes: Buffer, length: number): Buffer {
  return Buffer.concat([bytes], length);
}

export function aligned(offset: number): number {
  return Math.ceil(offset / 8) * 8;
}
