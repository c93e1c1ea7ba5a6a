// The calls of a spawn by clone(2). Linux only.

import { everySignal, signalSet } from '../process/signals.ts';
import { koffi } from './koffi.cjs';
import { checked, memory } from './libc.ts';

const c = koffi.load(null);

const SIG_SETMASK = 2;
const all = signalSet(everySignal);
const before = memory(all.length);
const sigprocmask = checked<[how: number, set: Buffer, old: Buffer | null]>(
  'int sigprocmask(int, void *, void *)',
);

/** In this thread, until it is disposed of. */
export function blockSignals(): Disposable {
  sigprocmask(SIG_SETMASK, all, before);
  return released;
}

const released: Disposable = { [Symbol.dispose]: () => void sigprocmask(SIG_SETMASK, before, null) };

const clone = checked<
  [
    code: bigint,
    stackTop: bigint,
    flags: number,
    argument: Buffer,
    parentTid: null,
    tls: null,
    childTid: Buffer,
  ]
>('int clone(intptr_t, intptr_t, int, void *, void *, void *, void *)');

/** C's memory that nobody refers to any more is somebody else's: all of it has to be kept until the child has executed. */
export interface Child {
  /** Where its code lies. */
  readonly code: bigint;
  readonly stack: Buffer;
  readonly stackTop: bigint;
  /** What the code gets. */
  readonly argument: Buffer;
  /** An int that is 1 until the child leaves our memory: the kernel makes it 0 then, and wakes who waits for it. */
  readonly running: Buffer;
  /** The number of futex(2). */
  readonly futex: number;
  /** This thread stands still until the child has left our memory, as with vfork(2). */
  readonly holdsUs: boolean;
}

export function childOf(parts: Omit<Child, 'stackTop' | 'running'>): Child {
  const { stack } = parts;
  return { ...parts, stackTop: koffi.address(stack) + BigInt(stack.length), running: memory(4) };
}

const SIGCHLD = 17;
const CLONE_VM = 0x100;
const CLONE_VFORK = 0x4000;
const CLONE_CHILD_CLEARTID = 0x0020_0000;

/** Returns its pid. Throws SystemError: EAGAIN, ENOMEM … */
export function cloneChild({ code, stackTop, argument, running, holdsUs }: Child): number {
  running.writeInt32LE(1);
  const flags = CLONE_VM | CLONE_CHILD_CLEARTID | SIGCHLD | (holdsUs ? CLONE_VFORK : 0);
  return clone(code, stackTop, flags, argument, null, null, running);
}

export function hasExecuted({ running }: Child): boolean {
  return running.readInt32LE() === 0;
}

const futexCall = c.func('long syscall(long, void *, long, long, void *, long, long)') as unknown as (
  number: number,
  word: Buffer,
  operation: number,
  value: number,
  timeout: Buffer,
  ...unused: readonly [number, number]
) => number;

const FUTEX_WAIT = 0;
/** struct timespec: a program on a disk of this machine is executed within a millisecond. */
const patience = memory(16);
patience.writeBigInt64LE(100_000_000n, 8);

/** Whether the child has left our memory, by execve or by its end, within a tenth of a second; a signal may make it a little longer. */
export function waitForExec(child: Child): boolean {
  // It returns when the word is not 1 any more, when woken, after the time limit, and on a signal.
  for (let tries = 0; !hasExecuted(child) && tries < MOST_TRIES; tries += 1) {
    const answer = futexCall(child.futex, child.running, FUTEX_WAIT, 1, patience, 0, 0);
    if (answer === -1 && koffi.errno() === ETIMEDOUT) break;
  }
  return hasExecuted(child);
}

const ETIMEDOUT = 110;
const MOST_TRIES = 10;

const mmap = c.func('intptr_t mmap(intptr_t, size_t, int, int, int, long)') as unknown as (
  address: number,
  length: number,
  protection: number,
  flags: number,
  fd: number,
  offset: number,
) => bigint | number;
const mprotect = c.func('int mprotect(intptr_t, size_t, int)') as unknown as (
  address: bigint,
  length: number,
  protection: number,
) => number;
const memcpy = c.func('memcpy', 'intptr_t', ['intptr_t', 'void *', 'size_t']) as unknown as (
  to: bigint,
  from: Buffer,
  length: number,
) => unknown;

const [PROT_READ, PROT_WRITE, PROT_EXEC] = [1, 2, 4];
const MAP_PRIVATE_ANONYMOUS = 0x22;
/** No smaller than a page of any kernel's, and one for all templates. */
const REGION = 0x1_0000;
let mapped: bigint | undefined;

/** Where this machine code can be run from, for as long as the process lives; undefined: nowhere. There is one only. */
export function executable(code: Buffer): bigint | undefined {
  if (mapped !== undefined) return mapped;
  const region = BigInt(mmap(0, REGION, PROT_READ | PROT_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0));
  if (region === -1n) return undefined;
  memcpy(region, code, code.length);
  if (mprotect(region, REGION, PROT_READ | PROT_EXEC) !== 0) return undefined;
  mapped = region;
  return mapped;
}
