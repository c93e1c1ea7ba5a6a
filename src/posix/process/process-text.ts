// What /proc has of this process as bytes, where Node has decoded copies.

import { readFileSync } from 'node:fs';
import { fromBytes } from '../libc/bytes.ts';

/** Our own words, the last of the command line, behind Node, its switches and the script. */
export function processWords(): readonly string[] {
  const words = process.argv.slice(2);
  const bytes = readBytes('/proc/self/cmdline');
  return bytes === undefined || words.length === 0 ? words : splitAtNul(bytes).slice(-words.length);
}

export function splitAtNul(bytes: Buffer): string[] {
  const texts = fromBytes(bytes).split('\0');
  return texts.at(-1) === '' ? texts.slice(0, -1) : texts;
}

/** undefined where there is no /proc: there Node's decoded copies have to do. */
export function readBytes(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
