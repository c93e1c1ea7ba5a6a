// The machine code of the library that holds signals back (hold-library.ts), instruction by instruction.

export interface Machine {
  /** e_machine. */
  readonly id: number;
  /** `hold`: the distance from the function's first byte to the variable, a multiple of 4. */
  readonly setMask: (hold: number) => Buffer;
  /** `mask`: bit n-1 for signal n. */
  readonly block: (mask: bigint) => Buffer;
}

export const machines: Readonly<Partial<Record<NodeJS.Architecture, Machine>>> = {
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

/** 32 bits each, little-endian. */
export function words(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, index * 4);
  return bytes;
}
