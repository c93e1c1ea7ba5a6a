// A shared object of a few hundred bytes, written here byte by byte since nothing may have to be compiled. Layout: elf(5).
// It has what no JavaScript can do:
// - a pthread_sigmask(3) that does nothing as long as `start_server_hold` is not 0, and afterwards what the C library's
//   does: rt_sigprocmask(how, set, old, 8), its result negated. Preloaded (ld.so(8), LD_PRELOAD), it keeps Node from
//   unblocking signals in its first 50 ms, in which HUP or TERM would end it.
// - `start_server_block`, a signal handler: the thread that it runs in goes on with the signals in its literal blocked.

/** Names of the symbols. */
export const HOLD = 'start_server_hold';
export const BLOCK = 'start_server_block';

interface Machine {
  /** e_machine. */
  readonly id: number;
  /** `hold`: the distance from the function's first byte to the variable, a multiple of 4. */
  readonly setMask: (hold: number) => Buffer;
  /** `mask`: bit n-1 for signal n. */
  readonly block: (mask: bigint) => Buffer;
}

const machines: Readonly<Partial<Record<NodeJS.Architecture, Machine>>> = {
  x64: {
    id: 62,
    // cmpl $0,hold(%rip); jne held; mov $8,%r10d; mov $14,%eax; syscall; neg %eax; ret; held: xor %eax,%eax; ret
    setMask: (hold) => {
      const code = Buffer.from(
        '833d00000000007510' + '41ba08000000' + 'b80e000000' + '0f05f7d8c331c0c3',
        'hex',
      );
      // Relative to the end of the seven bytes of the comparison.
      code.writeInt32LE(hold - 7, 2);
      return code;
    },
    // movabs $mask,%rax; or %rax,296(%rdx); ret: the third argument is a ucontext_t, at 296 its uc_sigmask.
    block: (mask) => {
      const code = Buffer.from('48b80000000000000000' + '48098228010000' + 'c3', 'hex');
      code.writeBigUInt64LE(mask, 2);
      return code;
    },
  },
  arm64: {
    id: 183,
    // ldr w9,hold; cbnz w9,held; mov x3,#8; mov x8,#135; svc #0; neg w0,w0; ret; held: mov w0,#0; ret
    setMask: (hold) =>
      words([
        // The literal form reaches 1 MiB; its 19 bits count words.
        0x18000009 | ((hold / 4) << 5),
        ...[0x350000c9, 0xd2800103, 0xd28010e8, 0xd4000001, 0x4b0003e0, 0xd65f03c0, 0x52800000, 0xd65f03c0],
      ]),
    // ldr x9,mask; ldr x10,[x2,#40]; orr x10,x10,x9; str x10,[x2,#40]; ret; nop; mask: uc_sigmask is at 40 here.
    block: (mask) => {
      const literal = Buffer.alloc(8);
      literal.writeBigUInt64LE(mask);
      const code = [0x580000c9, 0xf940144a, 0xaa09014a, 0xf900144a, 0xd65f03c0, 0xd503201f];
      return Buffer.concat([words(code), literal]);
    },
  },
};

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

function words(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, index * 4);
  return bytes;
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
