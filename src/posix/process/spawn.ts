// One process started. No half-born child exists: a program that cannot be executed, or a directory that cannot be entered,
// comes back as a SystemError and leaves no process.

import type { Strings } from '../libc/string-vector.ts';
import { SystemError } from '../libc/system-error.ts';
import { cloneSpawn } from './clone-spawn.ts';
import { posixSpawn } from './posix-spawn.ts';
import type { Privileges } from './privileges.ts';

export interface Descriptor {
  /** Ours. */
  readonly from: number;
  /** The other process's. */
  readonly to: number;
}

/** Of a listening socket: what listen(2) is told. */
export interface Queue {
  readonly fd: number;
  readonly backlog: number;
}

/** What stays the same from one worker to the next. */
export interface SpawnTemplate {
  /** undefined: ours. */
  readonly directory?: Buffer | undefined;
  /** dup2 in this order; no `from` may be the `to` of an earlier pair. Every other close-on-exec fd is closed. */
  readonly descriptors: readonly Descriptor[];
  /** Sockets of ours whose queues get their length back before the program runs. */
  readonly queues?: readonly Queue[];
  /** Signals that start at their default action; the others keep ours, ignored or default. */
  readonly defaultSignals: readonly number[];
  readonly blockedSignals: readonly number[];
  /** Soft limit of open files. */
  readonly openFilesLimit: number;
  /** Make it the leader of a new session. */
  readonly newSession?: boolean;
  /** undefined: ours. */
  readonly privileges?: Privileges | undefined;
  /** A file that it has to be allowed to execute, whatever it does execute. */
  readonly tried?: Buffer;
}

export interface Program {
  /** The file to execute; no search along PATH. */
  readonly file: Buffer;
  readonly argv: readonly Buffer[];
  /** `NAME=value` each. */
  readonly env: Strings;
}

/** Returns the pid. Throws SystemError: ENOENT, EACCES, ENOEXEC, EAGAIN … */
export type Spawn = (program: Program) => number;

/**
 * What is the same each time is laid out once: with hundreds of sockets that is most of what a spawn costs. Throws SystemError
 * where it is not known how to change privileges.
 */
export function prepareSpawn(template: SpawnTemplate): Spawn {
  const spawn = cloneSpawn(template);
  if (spawn !== undefined) return spawn;
  if (template.privileges === undefined) return posixSpawn(template);
  throw new SystemError('clone', 'ENOSYS', 'only on Linux, on x86-64 and arm64');
}

const NUL = Buffer.alloc(1);

/** A NUL behind each. */
export function terminated(strings: readonly Buffer[]): Buffer {
  return Buffer.concat(strings.flatMap((string) => [string, NUL]));
}
