// Arguments, environment and paths are bytes to the kernel and need not be UTF-8. Inside the program they
// are strings in which each byte that is not UTF-8 stands as a lone surrogate U+DC80..U+DCFF (as in PEP 383),
// so that text stays readable and every byte comes back out.

import { isUtf8 } from 'node:buffer';

const ESCAPE = 0xdc00;
const ESCAPED = /([\udc80-\udcff]+)/u;

export function fromBytes(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    text +=
      length === 0
        ? String.fromCharCode(ESCAPE | bytes.readUInt8(at))
        : bytes.toString('utf8', at, at + length);
    at += Math.max(length, 1);
  }
  return text;
}

export function toBytes(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text, 'utf8');
  const pieces = text.split(ESCAPED);
  // Every other piece is one of escaped bytes, and those are the low bytes of its characters.
  return Buffer.concat(pieces.map((piece, index) => Buffer.from(piece, index % 2 === 0 ? 'utf8' : 'latin1')));
}

/** What Node takes for a path: the text itself where that will do, which is quicker. */
export function toPath(text: string): string | Buffer {
  return text.isWellFormed() ? text : toBytes(text);
}

/** How many bytes from `at` make one valid UTF-8 character; 0 when none do. */
function sequenceLength(bytes: Buffer, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    if (isUtf8(bytes.subarray(at, at + length))) return length;
  }
  return 0;
}
