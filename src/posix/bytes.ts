// Arguments, environment and paths are bytes to the kernel and need not be UTF-8. Inside the program they
// are strings in which each byte that is not UTF-8 stands as a lone surrogate U+DC80..U+DCFF (as in PEP 383),
// so that text stays readable and every byte comes back out.

import { isUtf8 } from 'node:buffer';

const ESCAPE = 0xdc00;

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
  return Buffer.concat(Array.from(text, characterBytes));
}

/** How many bytes from `at` make one valid UTF-8 character; 0 when none do. */
function sequenceLength(bytes: Buffer, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    if (isUtf8(bytes.subarray(at, at + length))) return length;
  }
  return 0;
}

function characterBytes(character: string): Buffer {
  const code = character.charCodeAt(0);
  const escaped = character.length === 1 && code >= 0xdc80 && code <= 0xdcff;
  return escaped ? Buffer.of(code & 0xff) : Buffer.from(character, 'utf8');
}
