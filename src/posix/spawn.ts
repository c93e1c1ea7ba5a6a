// One process started by posix_spawn. No half-born child exists: a program that cannot be executed, or a
// directory that cannot be entered, comes back as a SystemError and leaves no process.

import { toBytes } from './bytes.ts';
import { keepingLast } from './keeping-last.ts';
import {
  addressOf,
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
import { systemError } from './system-error.ts';

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

export interface Strings {
  /** A NUL behind each. Laid out once for as long as the same object comes. */
  readonly lasting: Buffer;
  /** As text (bytes.ts), without a NUL; few. */
  readonly own: readonly string[];
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
  const environmentOf = vector();
  return ({ file, argv, env }) => {
    const [path, arguments_, environment] = [pathOf(file), argumentsOf(argv), environmentOf(env)];
    limited(() => check(posixSpawn(pid, path, actions, attributes, arguments_, environment)));
    return pid.readInt32LE();
  };
}

const NUL = Buffer.alloc(1);

/** A NULL-terminated `char *[]` of strings that have a NUL behind each, themselves behind it. */
export function cStrings(strings: Buffer): Buffer {
  return vector()({ lasting: strings, own: [] });
}

/** A NUL behind each. */
export function terminated(strings: readonly Buffer[]): Buffer {
  return Buffer.concat(strings.flatMap((string) => [string, NUL]));
}

function fileActions({ directory, descriptors }: SpawnTemplate): Buffer {
  const actions = memory(platform.spawnStructBytes);
  check(fileActionsInit(actions));
  if (directory !== undefined) check(fileActionsAddChdir(actions, terminated([directory])));
  for (const { from, to } of descriptors) check(fileActionsAddDup2(actions, from, to));
  return actions;
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

/**
 * Returns what lays strings out as a NULL-terminated `char *[]`, in a block that is used again the next time: pointers to
 * the lasting ones, pointers to the own ones, NULL, and the strings in the same order.
 */
function vector(): (strings: Strings) => Buffer {
  let layout: Layout | undefined;
  return ({ lasting, own }) => {
    if (layout?.lasting !== lasting || !hasRoom(layout, own)) layout = layOut(lasting, own);
    const { block, pointers, base } = layout;
    let at = layout.ownAt;
    let next = layout.ownPointer;
    for (const text of own) {
      next = point(pointers, next, base + at);
      at = putText(block, at, text);
      block[at++] = 0;
    }
    point(pointers, next, 0);
    return block;
  };
}

interface Layout {
  readonly lasting: Buffer;
  readonly ownCount: number;
  readonly ownBytes: number;
  readonly block: Buffer;
  readonly pointers: Uint32Array;
  /** The block's address. A process has 47 bits of them, so that a number holds one. */
  readonly base: number;
  /** Where the own strings begin. */
  readonly ownAt: number;
  /** Where in `pointers` their pointers do. */
  readonly ownPointer: number;
}

function hasRoom({ ownCount, ownBytes }: Layout, own: readonly string[]): boolean {
  return own.length <= ownCount && mostBytesOf(own) <= ownBytes;
}

/** Of UTF-16 as UTF-8, and a NUL behind each. */
function mostBytesOf(texts: readonly string[]): number {
  let bytes = 0;
  for (const { length } of texts) bytes += length * 3 + 1;
  return bytes;
}

function layOut(lasting: Buffer, own: readonly string[]): Layout {
  const lengths = lengthsOf(lasting);
  // A generation's number grows.
  const room = { ownCount: own.length, ownBytes: mostBytesOf(own) + 32 };
  const stringsAt = (lengths.length + room.ownCount + 1) * 8;
  const ownAt = stringsAt + lasting.length;
  const block = memory((ownAt + room.ownBytes + 7) & ~7);
  const pointers = new Uint32Array(block.buffer);
  const base = Number(addressOf(block));
  let address = base + stringsAt;
  let next = 0;
  for (const length of lengths) {
    next = point(pointers, next, address);
    address += length;
  }
  lasting.copy(block, stringsAt);
  return { ...room, lasting, block, pointers, base, ownAt, ownPointer: next };
}

/** Returns where it ends. A byte at a time: after a rest, a call of Node's that does it at once takes five times as long. */
function putText(block: Buffer, at: number, text: string): number {
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) return at + toBytes(text).copy(block, at);
    block[at + index] = unit;
  }
  return at + text.length;
}

/** Returns where the next one is to be. */
function point(pointers: Uint32Array, at: number, address: number): number {
  pointers[at] = address;
  pointers[at + 1] = address / 2 ** 32;
  return at + 2;
}

function lengthsOf(strings: Buffer): number[] {
  const texts = strings.toString('latin1').split('\0');
  return texts.slice(0, -1).map(({ length }) => length + 1);
}

function check(errno: number): void {
  if (errno !== 0) throw systemError('posix_spawn', errno);
}
