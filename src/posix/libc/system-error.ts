// A failed system call, with the same `code` that Node's own errors carry: callers forgive by name.

import { getSystemErrorMap } from 'node:util';
import { nodeOs } from './node-os.cjs';

export class SystemError extends Error {
  override readonly name = 'SystemError';
  readonly code: string;
  readonly syscall: string;

  constructor(syscall: string, code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.syscall = syscall;
  }
}

export function systemError(syscall: string, errno: number): SystemError {
  // libuv keys its map by negated error number, and does not know all of them.
  const [code, message] = getSystemErrorMap().get(-errno) ?? unmapped(errno);
  return new SystemError(syscall, code, message);
}

const MORE_WORDS: Readonly<Record<string, string>> = {
  ECHILD: 'no child process',
  ENOEXEC: 'neither a script with its interpreter nor a program of this machine',
};

function unmapped(errno: number): [code: string, message: string] {
  const code =
    Object.entries(nodeOs().constants.errno).find(([, number]) => number === errno)?.[0] ?? `errno ${errno}`;
  return [code, MORE_WORDS[code] ?? `system error ${code}`];
}

/** The name of the failed call's error (`ENOENT`), of our own calls and of Node's; undefined for any other error. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** What went wrong in a few words (`no such file or directory`), without Node's "ENOENT: …, open '…'" around it. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof SystemError) return error.message;
  const errno = 'errno' in error && typeof error.errno === 'number' ? error.errno : 0;
  return getSystemErrorMap().get(errno)?.[1] ?? error.message;
}

/** `socket: too many open files`: the call that has failed, and why; undefined for any other error. */
export function refusedCall(error: unknown): string | undefined {
  if (errorCode(error) === undefined || !(error instanceof Error) || !('syscall' in error)) return undefined;
  const path = 'path' in error && typeof error.path === 'string' ? ` ${error.path}` : '';
  return `${error.syscall}${path}: ${reason(error)}`;
}
