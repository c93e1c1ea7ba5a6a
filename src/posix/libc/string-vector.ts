// Strings as C wants arguments and environment: a NULL-terminated `char *[]`, the strings behind it in the same block.

import { toBytes } from './bytes.ts';
import { addressOf, memory } from './libc.ts';

export interface Strings {
  /** A NUL behind each. Laid out once for as long as the same object comes. */
  readonly lasting: Buffer;
  /** As text (bytes.ts), without a NUL; few. */
  readonly own: readonly string[];
}

/**
 * Returns what lays strings out as a NULL-terminated `char *[]`, in a block that is used again the next time: pointers to
 * the lasting ones, pointers to the own ones, NULL, and the strings in the same order.
 */
export function stringVector(): (strings: Strings) => Buffer {
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

/** A NULL-terminated `char *[]` of strings that have a NUL behind each, themselves behind it. */
export function cStrings(strings: Buffer): Buffer {
  return stringVector()({ lasting: strings, own: [] });
}
