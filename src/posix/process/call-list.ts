// What a child does between its birth and execve(2), as data: a list of system calls that some twenty instructions of
// machine code make one after the other. Nothing else may run in a child that shares its parent's memory.

import { addressOf, memory } from '../libc/libc.ts';
import { words as instructions } from './hold-code.ts';

export interface SystemCall {
  readonly number: number;
  /** Five at most; a block of memory stands for its address, and has to live as long as the list. */
  readonly args: readonly (number | Buffer)[];
}

export interface CallList {
  readonly block: Buffer;
  /** Puts another block in the place of an argument. */
  point(index: number, place: number, to: Buffer): void;
  /** The call that failed, and why; undefined: none has. */
  failure(): { readonly index: number; readonly errno: number } | undefined;
}

/** Linux's numbers of them, and the code. */
export interface Machine {
  readonly code: Buffer;
  readonly calls: Readonly<Record<CallName, number>>;
}

export type CallName =
  | 'capset'
  | 'chdir'
  | 'close'
  | 'dup3'
  | 'execve'
  | 'faccessat'
  | 'fcntl'
  | 'futex'
  | 'listen'
  | 'openat'
  | 'prctl'
  | 'prlimit64'
  | 'rt_sigaction'
  | 'rt_sigprocmask'
  | 'setgroups'
  | 'setpriority'
  | 'setresgid'
  | 'setresuid'
  | 'setsid'
  | 'umask'
  | 'write';

/** Words of 64 bits: the number and five arguments. */
const ENTRY = 6;
/** The place before the arguments. */
const NUMBER = -1;

export function callList(calls: readonly SystemCall[]): CallList {
  const block = memory(calls.length * ENTRY * 8);
  const words = new BigInt64Array(block.buffer);
  const numbers = new Int32Array(block.buffer);
  const put = (index: number, place: number, value: bigint) => {
    words[index * ENTRY + place + 1] = value;
  };
  calls.forEach(({ number, args }, index) => {
    put(index, NUMBER, BigInt(number));
    args.forEach((argument, place) => {
      put(index, place, typeof argument === 'number' ? BigInt(argument) : addressOf(argument));
    });
  });
  return {
    block,
    point: (index, place, to) => put(index, place, addressOf(to)),
    failure: () => {
      // The code leaves the negated error number in the place of the call's.
      const index = calls.findIndex((_, at) => (numbers[at * ENTRY * 2] ?? 0) < 0);
      const errno = -(numbers[index * ENTRY * 2] ?? 0);
      if (index < 0) return undefined;
      put(index, NUMBER, BigInt(calls[index]?.number ?? 0));
      return { index, errno };
    },
  };
}

export const machines: Readonly<Partial<Record<NodeJS.Architecture, Machine>>> = {
  x64: {
    // mov %rdi,%rbx; next: mov (%rbx),%rax; mov 8(%rbx),%rdi; mov 16(%rbx),%rsi; mov 24(%rbx),%rdx; mov 32(%rbx),%r10;
    // mov 40(%rbx),%r8; syscall; test %rax,%rax; js failed; add $48,%rbx; jmp next;
    // failed: mov %rax,(%rbx); mov $127,%edi; mov $231,%eax (exit_group); syscall
    code: Buffer.from(
      '4889fb' +
        ('488b03' + '488b7b08' + '488b7310' + '488b5318' + '4c8b5320' + '4c8b4328' + '0f05') +
        ('4885c0' + '7806' + '4883c330' + 'ebdc') +
        ('488903' + 'bf7f000000' + 'b8e7000000' + '0f05'),
      'hex',
    ),
    calls: {
      capset: 126,
      chdir: 80,
      close: 3,
      dup3: 292,
      execve: 59,
      faccessat: 269,
      fcntl: 72,
      futex: 202,
      listen: 50,
      openat: 257,
      prctl: 157,
      prlimit64: 302,
      rt_sigaction: 13,
      rt_sigprocmask: 14,
      setgroups: 116,
      setpriority: 141,
      setresgid: 119,
      setresuid: 117,
      setsid: 112,
      umask: 95,
      write: 1,
    },
  },
  arm64: {
    // mov x19,x0; next: ldr x8,[x19]; ldp x0,x1,[x19,#8]; ldp x2,x3,[x19,#24]; ldr x4,[x19,#40]; svc #0;
    // tbnz x0,#63,failed; add x19,x19,#48; b next; failed: str x0,[x19]; mov x0,#127; mov x8,#94 (exit_group); svc #0
    code: instructions([
      ...[0xaa0003f3, 0xf9400268, 0xa9408660, 0xa9418e62, 0xf9401664, 0xd4000001],
      ...[0xb7f80060, 0x9100c273, 0x17fffff9, 0xf9000260, 0xd2800fe0, 0xd2800bc8, 0xd4000001],
    ]),
    calls: {
      capset: 91,
      chdir: 49,
      close: 57,
      dup3: 24,
      execve: 221,
      faccessat: 48,
      fcntl: 25,
      futex: 98,
      listen: 201,
      openat: 56,
      prctl: 167,
      prlimit64: 261,
      rt_sigaction: 134,
      rt_sigprocmask: 135,
      setgroups: 159,
      setpriority: 140,
      setresgid: 149,
      setresuid: 147,
      setsid: 157,
      umask: 166,
      write: 64,
    },
  },
};
