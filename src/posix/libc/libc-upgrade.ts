// The calls that only an upgrade needs, on either side: bound when they are wanted, for each
// costs the start of every other one its time.

import { koffi } from './koffi.cjs';
import { checked, memory, syscall } from './libc.ts';

const c = koffi.load(null);

export const execve = checked<[path: Buffer, argv: Buffer, envp: Buffer]>(
  'int execve(void *, void *, void *)',
);
export const memfdCreate = checked<[name: Buffer, flags: number]>('int memfd_create(void *, uint32_t)');
export const sigaction = checked<[signal: number, action: Buffer, old: Buffer | null]>(
  'int sigaction(int, void *, void *)',
);
/** Of the calling thread: the C library's sigprocmask, which nobody has put another one in the place of. */
export const signalMask = checked<[how: number, set: Buffer, old: null]>(
  'int sigprocmask(int, void *, void *)',
);

const dlopen = c.func('void *dlopen(void *, int)') as unknown as (
  path: Buffer,
  flags: number,
) => Library | null;
const dlsym = c.func('void *dlsym(void *, void *)') as unknown as (
  library: Library | null,
  name: Buffer,
) => object | null;
const memcpy = c.func('memcpy', 'void *', ['void *', 'intptr_t', 'size_t']) as unknown as (
  to: Buffer,
  from: bigint,
  length: number,
) => unknown;
const memset = c.func('memset', 'void *', ['intptr_t', 'int', 'size_t']) as unknown as (
  address: bigint,
  byte: number,
  length: number,
) => unknown;

/** What dlopen(3) answers. */
export type Library = object;

const RTLD_NOW = 2;

/** Throws Error when it cannot be loaded: what lies there may be forbidden to run. */
export function loadLibrary(path: string): Library {
  const library = dlopen(Buffer.from(`${path}\0`), RTLD_NOW);
  if (library === null) throw new Error(`cannot load ${path}`);
  return library;
}

/** Where this function or variable lies, of the library or of the whole process; undefined: nowhere. */
export function symbolAddress(name: string, library: Library | null = null): bigint | undefined {
  const symbol = dlsym(library, Buffer.from(`${name}\0`));
  return symbol === null ? undefined : BigInt(koffi.address(symbol));
}

export function intAt(address: bigint): number {
  const block = memory(4);
  memcpy(block, address, 4);
  return block.readInt32LE();
}

/** Sets the int at this address to 0. */
export function clearInt(address: bigint): void {
  memset(address, 0, 4);
}

const TGKILL: Readonly<Partial<Record<NodeJS.Architecture, number>>> = { x64: 234, arm64: 131 };

/** Signals one thread of ours; a library call for it is not everywhere. */
export function signalThread(thread: number, signal: number): void {
  const number = TGKILL[process.arch];
  if (number !== undefined) syscall(number, process.pid, thread, signal);
}

/** SA_SIGINFO and SA_RESTART. */
const FLAGS = 0x1000_0004;

/** `struct sigaction`, 64-bit Linux, glibc and musl alike: handler, mask, flags. */
export function signalAction(handler: bigint, blocked: Buffer): Buffer {
  const action = memory(152);
  action.writeBigUInt64LE(handler);
  blocked.copy(action, 8);
  action.writeInt32LE(FLAGS, 136);
  return action;
}
