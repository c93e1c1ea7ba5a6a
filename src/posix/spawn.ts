// One process started by posix_spawn. No half-born child exists: a program that cannot be executed, or a
// directory that cannot be entered, comes back as a SystemError and leaves no process.

import { keepingLast } from './keeping-last.ts';
import {
  fileActionsAddChdir,
  fileActionsAddDup2,
  fileActionsInit,
  memory,
  posixSpawn,
  spawnAttributesInit,
  spawnAttributesSetFlags,
  spawnAttributesSetSigDefault,
  spawnAttributesSetSigMask,
} from './libc.ts';
import { withOpenFilesLimit } from './open-files.ts';
import { platform } from './platform.ts';
import { signalSet } from './signals.ts';
import { cStrings, type Strings, stringVector } from './string-vector.ts';
import { SystemError, systemError } from './system-error.ts';

export interface Descriptor {
  /** Ours. */
  readonly from: number;
  /** The other process's. */
  readonly to: number;
}

/** What stays the same from one worker to the next. */
export interface SpawnTemplate {
  /** undefined: ours. */
  readonly directory?: Buffer | undefined;
  /** dup2 in this order; no `from` may be the `to` of an earlier pair. Every other close-on-exec fd is closed. */
  readonly descriptors: readonly Descriptor[];
  /** Signals that start at their default action; the others keep ours, ignored or default. */
  readonly defaultSignals: readonly number[];
  readonly blockedSignals: readonly number[];
  /** Soft limit of open files. */
  readonly openFilesLimit: number;
  /** Make it the leader of a new session. */
  readonly newSession?: boolean;
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
 * The template is laid out in C's memory once, for as long as the process lives: glibc makes two system calls for each
 * descriptor that is added, and with hundreds of sockets that is most of what a spawn costs.
 */
export function prepareSpawn(template: SpawnTemplate): Spawn {
  const actions = fileActions(template);
  const attributes = spawnAttributes(template);
  const limited = withOpenFilesLimit(template.openFilesLimit);
  const pid = memory(4);
  const pathOf = keepingLast((file: Buffer) => terminated([file]));
  const argumentsOf = keepingLast((argv: readonly Buffer[]) => cStrings(terminated(argv)));
  const environmentOf = stringVector();
  return ({ file, argv, env }) => {
    const [path, arguments_, environment] = [pathOf(file), argumentsOf(argv), environmentOf(env)];
    limited(() => check(posixSpawn(pid, path, actions, attributes, arguments_, environment)));
    return pid.readInt32LE();
  };
}

const NUL = Buffer.alloc(1);

/** A NUL behind each. */
export function terminated(strings: readonly Buffer[]): Buffer {
  return Buffer.concat(strings.flatMap((string) => [string, NUL]));
}

function fileActions({ directory, descriptors }: SpawnTemplate): Buffer {
  const actions = memory(platform.spawnStructBytes);
  check(fileActionsInit(actions));
  if (directory !== undefined) check(addChdir(actions, terminated([directory])));
  for (const { from, to } of descriptors) check(fileActionsAddDup2(actions, from, to));
  return actions;
}

function addChdir(actions: Buffer, directory: Buffer): number {
  try {
    return fileActionsAddChdir(actions, directory);
  } catch (cause) {
    throw new SystemError('posix_spawn', 'ENOSYS', 'needs glibc 2.29 or later', { cause });
  }
}

function spawnAttributes({ defaultSignals, blockedSignals, newSession }: SpawnTemplate): Buffer {
  const attributes = memory(platform.spawnStructBytes);
  const session = newSession ? platform.POSIX_SPAWN_SETSID : 0;
  check(spawnAttributesInit(attributes));
  check(spawnAttributesSetSigDefault(attributes, signalSet(defaultSignals)));
  check(spawnAttributesSetSigMask(attributes, signalSet(blockedSignals)));
  check(
    spawnAttributesSetFlags(
      attributes,
      platform.POSIX_SPAWN_SETSIGDEF | platform.POSIX_SPAWN_SETSIGMASK | session,
    ),
  );
  return attributes;
}

function check(errno: number): void {
  if (errno !== 0) throw systemError('posix_spawn', errno);
}
