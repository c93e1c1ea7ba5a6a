// A shared object of a few hundred bytes, written here byte by byte since nothing may have to be compiled. Layout: elf(5).
// It has what no JavaScript can do:
// - a pthread_sigmask(3) that does nothing as long as `start_server_hold` is not 0, and afterwards what the C library's
//   does: rt_sigprocmask(how, set, old, 8), its result negated. Preloaded (ld.so(8), LD_PRELOAD), it keeps Node from
//   unblocking signals in its first 50 ms, in which HUP or TERM would end it.
// - `start_server_block`, a signal handler: the thread that it runs in goes on with the signals in its literal blocked.

import { machines, words } from './hold-code.ts';

/** Names of the symbols. */
export const HOLD = 'start_server_hold';
export const BLOCK = 'start_server_block';

/** The distance between what is read and what is written: the largest page of any kernel. */
const PAGE = 0x1_0000;
const HEADER = 64;
const SEGMENT = 56;
const SYMBOL = 24;
/** Room for both functions. */
const TEXT = 96;
const ENTRY = 16;

/** `mask`: what `start_server_block` blocks. undefined for a machine whose code we do not know. */
export function holdLibrary(
  mask: bigint,
  architecture: NodeJS.Architecture = process.arch,
): Buffer | undefined {
  const machine = machines[architecture];
  if (machine === undefined) return undefined;
  const strings = Buffer.from(`\0pthread_sigmask\0${HOLD}\0${BLOCK}\0`);
  const text = HEADER + 4 * SEGMENT;
  const symbols = text + TEXT;
  const names = symbols + 4 * SYMBOL;
  const hash = aligned(names + strings.length);
  const data = aligned(hash + 7 * 4);
  const dynamic = data + 8;
  const end = dynamic + 6 * ENTRY;
  const setMask = machine.setMask(PAGE + data - text);
  const block = machine.block(mask);
  const blockAt = aligned(setMask.length);
  return Buffer.concat([
    header(machine.id),
    segment({ type: 1, flags: READ | EXECUTE, from: 0, to: data, address: 0 }),
    segment({ type: 1, flags: READ | WRITE, from: data, to: end, address: PAGE + data }),
    segment({ type: 2, flags: READ | WRITE, from: dynamic, to: end, address: PAGE + dynamic }),
    // PT_GNU_STACK: without it the stack would have to become executable.
    segment({ type: 0x6474e551, flags: READ | WRITE, from: 0, to: 0, address: 0 }),
    padded(setMask, blockAt),
    padded(block, TEXT - blockAt),
    Buffer.alloc(SYMBOL),
    symbol({ name: 1, info: GLOBAL_FUNCTION, address: text, size: setMask.length }),
    symbol({ name: strings.indexOf(HOLD), info: GLOBAL_OBJECT, address: PAGE + data, size: 4 }),
    symbol({
      name: strings.indexOf(BLOCK),
      info: GLOBAL_FUNCTION,
      address: text + blockAt,
      size: block.length,
    }),
    padded(strings, hash - names),
    // One bucket, whose chain holds all symbols.
    padded(words([1, 4, 1, 0, 2, 3, 0]), data - hash),
    padded(words([1]), dynamic - data),
    ...[
      [DT_HASH, hash],
      [DT_STRTAB, names],
      [DT_SYMTAB, symbols],
      [DT_STRSZ, strings.length],
      [DT_SYMENT, SYMBOL],
      [DT_NULL, 0],
    ].map(longs),
  ]);
}

const [EXECUTE, WRITE, READ] = [1, 2, 4];
const [DT_NULL, DT_HASH, DT_STRTAB, DT_SYMTAB, DT_STRSZ, DT_SYMENT] = [0, 4, 5, 6, 10, 11];
const [GLOBAL_OBJECT, GLOBAL_FUNCTION] = [0x11, 0x12];

function header(machine: number): Buffer {
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

function segment({ type, flags, from, to, address }: Segment): Buffer {
  return Buffer.concat([words([type, flags]), longs([from, address, address, to - from, to - from, PAGE])]);
}

interface ElfSymbol {
  readonly name: number;
  readonly info: number;
  readonly address: number;
  readonly size: number;
}

function symbol({ name, info, address, size }: ElfSymbol): Buffer {
  // Of section 1: any that is not 0 will do.
  return Buffer.concat([words([name, info | (1 << 16)]), longs([address, size])]);
}

function longs(values: readonly number[]): Buffer {
  return words(values.flatMap((value) => [value, 0]));
}

function padded(bytes: Buffer, length: number): Buffer {
  return Buffer.concat([bytes], length);
}

function aligned(offset: number): number {
  return Math.ceil(offset / 8) * 8;
}
