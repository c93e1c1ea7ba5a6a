// One process started by posix_spawn. No half-born child exists: a program that cannot be executed, or a
// directory that cannot be entered, comes back as a SystemError and leaves no process.

import {
  addressOf,
  fileActionsAddChdir,
  fileActionsAddDup2,
  fileActionsDestroy,
  fileActionsInit,
  memory,
  posixSpawn,
  spawnAttributesDestroy,
  spawnAttributesInit,
  spawnAttributesSetFlags,
  spawnAttributesSetSigDefault,
  spawnAttributesSetSigMask,
} from './libc.ts';
import { withOpenFilesLimit } from './open-files.ts';
import { platform } from './platform.ts';
import { signalSet } from './signals.ts';
import { systemError } from './system-error.ts';

export interface SpawnRequest {
  /** The file to execute; no search along PATH. */
  readonly file: Buffer;
  readonly argv: readonly Buffer[];
  /** `NAME=value` each. */
  readonly env: readonly Buffer[];
  readonly directory?: Buffer | undefined;
  /** dup2 in this order; no `from` may be the `to` of an earlier pair. Every other close-on-exec fd is closed. */
  readonly descriptors: readonly { readonly from: number; readonly to: number }[];
  /** Signals that start at their default action; the others keep ours, ignored or default. */
  readonly defaultSignals: readonly number[];
  readonly blockedSignals: readonly number[];
  /** Soft limit of open files. */
  readonly openFilesLimit: number;
  /** Make it the leader of a new session. */
  readonly newSession?: boolean;
}

/** Returns the pid. Throws SystemError: ENOENT, EACCES, ENOEXEC, EAGAIN … */
export function spawn(request: SpawnRequest): number {
  using actions = fileActions(request);
  using attributes = spawnAttributes(request);
  const pid = memory(4);
  const file = Buffer.concat([request.file, NUL]);
  const [argv, envp] = [cStrings(request.argv), cStrings(request.env)];
  withOpenFilesLimit(request.openFilesLimit, () =>
    check(posixSpawn(pid, file, actions.block, attributes.block, argv, envp)),
  );
  return pid.readInt32LE();
}

const NUL = Buffer.alloc(1);

interface Opaque extends Disposable {
  readonly block: Buffer;
}

function fileActions({ directory, descriptors }: SpawnRequest): Opaque {
  const block = memory(platform.spawnStructBytes);
  check(fileActionsInit(block));
  const actions = { block, [Symbol.dispose]: () => void fileActionsDestroy(block) };
  if (directory !== undefined) check(fileActionsAddChdir(block, Buffer.concat([directory, NUL])));
  for (const { from, to } of descriptors) check(fileActionsAddDup2(block, from, to));
  return actions;
}

function spawnAttributes({ defaultSignals, blockedSignals, newSession }: SpawnRequest): Opaque {
  const block = memory(platform.spawnStructBytes);
  check(spawnAttributesInit(block));
  const attributes = { block, [Symbol.dispose]: () => void spawnAttributesDestroy(block) };
  check(spawnAttributesSetSigDefault(block, signalSet(defaultSignals)));
  check(spawnAttributesSetSigMask(block, signalSet(blockedSignals)));
  const session = newSession ? platform.POSIX_SPAWN_SETSID : 0;
  check(
    spawnAttributesSetFlags(
      block,
      platform.POSIX_SPAWN_SETSIGDEF | platform.POSIX_SPAWN_SETSIGMASK | session,
    ),
  );
  return attributes;
}

/** A NULL-terminated `char *[]`, its strings behind it in the same block: what keeps one alive keeps both. */
function cStrings(strings: readonly Buffer[]): Buffer {
  const pointerBytes = (strings.length + 1) * 8;
  const block = memory(strings.reduce((sum, string) => sum + string.length + 1, pointerBytes));
  const base = addressOf(block);
  let at = pointerBytes;
  strings.forEach((string, index) => {
    block.writeBigUInt64LE(base + BigInt(at), index * 8);
    string.copy(block, at);
    at += string.length + 1;
  });
  return block;
}

function check(errno: number): void {
  if (errno !== 0) throw systemError('posix_spawn', errno);
}
