// The C library, typed: the only user of koffi. Every export is one libc call under its own name; a call
// that fails throws a SystemError, so nothing above this folder looks at errno.

import { koffi } from './koffi.cjs';
import { systemError } from './system-error.ts';

// The process itself: Node links the C library dynamically on glibc, musl and macOS alike.
const c = koffi.load(null);

/** Memory that C reads or writes: always outside V8's heap, so its address holds while the object lives. */
export function memory(bytes: number): Buffer {
  return Buffer.from(new ArrayBuffer(bytes));
}

export function addressOf(block: Buffer): bigint {
  return koffi.address(block);
}

export type Call<Arguments extends readonly unknown[]> = (...args: Arguments) => number;

/** A call that answers -1 and sets errno when it fails. Looked up when it is made first: a start makes a third of them. */
export function checked<Arguments extends readonly unknown[]>(prototype: string): Call<Arguments> {
  let call: Call<Arguments> | undefined;
  return (...args) => {
    call ??= c.func(prototype) as Call<Arguments>;
    const result = call(...args);
    if (result === -1) throw systemError(/(\w+)\(/.exec(prototype)?.[1] ?? prototype, koffi.errno());
    return result;
  };
}

export const socket = checked<[domain: number, type: number, protocol: number]>('int socket(int, int, int)');
/** Answers 1 for an address of that family. */
export const inetPton = c.func('int inet_pton(int, void *, void *)') as Call<
  [family: number, text: Buffer, bytes: Buffer]
>;
export const inetNtop = c.func('void *inet_ntop(int, void *, void *, uint32_t)') as unknown as (
  family: number,
  bytes: Buffer,
  text: Buffer,
  length: number,
) => unknown;
export const bind = checked<[fd: number, address: Buffer, length: number]>('int bind(int, void *, uint32_t)');
export const listen = checked<[fd: number, backlog: number]>('int listen(int, int)');
/** The peer's address is of no interest: both pointers are null. */
export const accept = checked<[fd: number, address: null, length: null]>('int accept(int, void *, void *)');
export const recvmsg = checked<[fd: number, message: Buffer, flags: number]>(
  'long recvmsg(int, void *, int)',
);
export const sendmsg = checked<[fd: number, message: Buffer, flags: number]>(
  'long sendmsg(int, void *, int)',
);
export const sendto = checked<
  [fd: number, message: Buffer, length: number, flags: number, address: Buffer, addressLength: number]
>('long sendto(int, void *, size_t, int, void *, uint32_t)');
export const connect = checked<[fd: number, address: Buffer, length: number]>(
  'int connect(int, void *, uint32_t)',
);
export const setsockopt = checked<[fd: number, level: number, option: number, value: Buffer, length: number]>(
  'int setsockopt(int, int, int, void *, uint32_t)',
);
export const getsockopt = checked<[fd: number, level: number, option: number, value: Buffer, length: Buffer]>(
  'int getsockopt(int, int, int, void *, void *)',
);
export const getsockname = checked<[fd: number, address: Buffer, length: Buffer]>(
  'int getsockname(int, void *, void *)',
);

// The variadic form matters: on Apple silicon variadic arguments travel on the stack.
const FCNTL = 'int fcntl(int, int, ...)';
type Fcntl = [fd: number, command: number, type: 'int', argument: number];
const checkedFcntl = checked<Fcntl>(FCNTL);
const plainFcntl = c.func(FCNTL) as Call<Fcntl>;
export const fcntl = (fd: number, command: number, argument = 0) =>
  checkedFcntl(fd, command, 'int', argument);
/** Answers -1 when it fails. */
export const tryFcntl = (fd: number, command: number) => plainFcntl(fd, command, 'int', 0);
export const dup2 = checked<[from: number, to: number]>('int dup2(int, int)');
export const pipe = checked<[ends: Buffer]>('int pipe(void *)');
export const poll = checked<[descriptors: Buffer, count: number, timeoutMs: number]>(
  'int poll(void *, unsigned long, int)',
);
export const close = checked<[fd: number]>('int close(int)');
export const flock = checked<[fd: number, operation: number]>('int flock(int, int)');

const checkedSyscall = checked<[number: number, ...typed: ('long' | number)[]]>('long syscall(long, ...)');
/** For calls that the C library may not know. Linux only. */
export const syscall = (number: number, ...args: readonly number[]): number =>
  checkedSyscall(number, ...args.flatMap((each): ['long', number] => ['long', each]));

export const kill = checked<[pid: number, signal: number]>('int kill(int, int)');
export const waitpid = checked<[pid: number, status: Buffer, options: number]>(
  'int waitpid(int, void *, int)',
);
export const waitid = checked<[type: number, id: number, info: Buffer, options: number]>(
  'int waitid(int, uint32_t, void *, int)',
);
export const getrlimit = checked<[resource: number, limits: Buffer]>('int getrlimit(int, void *)');
export const setrlimit = checked<[resource: number, limits: Buffer]>('int setrlimit(int, void *)');
/** Ends the process at once: no exit handler runs and no thread is waited for. */
export const exitNow: (status: number) => never = c.func('void _exit(int)') as never;
/** Not node:tty's: loading that takes nine milliseconds. */
export const isatty = c.func('int isatty(int)') as Call<[fd: number]>;
export const setSignalAction = c.func('signal', 'intptr_t', ['int', 'intptr_t']) as (
  signal: number,
  action: number,
) => number;

/** A struct passwd or group, or null; its first number, behind two pointers, is the id. */
type Entry = (name: Buffer) => bigint | null;
export const getpwnam = c.func('getpwnam', 'void *', ['void *']) as unknown as Entry;
export const getgrnam = c.func('getgrnam', 'void *', ['void *']) as unknown as Entry;
export const readUint32 = (address: bigint, offset: number): number =>
  koffi.decode(address, offset, 'uint32_t');
