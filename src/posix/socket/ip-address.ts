// IP addresses as text and as bytes, by the C library.

import { inetNtop, inetPton, memory } from '../libc/libc.ts';
import { platform } from '../libc/platform.ts';

export type Family = 'ipv4' | 'ipv6';

export function isIpAddress(family: Family, text: string): boolean {
  return parse(family, text) !== undefined;
}

/** In network byte order. Throws when it is no address. */
export function ipBytes(family: Family, text: string): Buffer {
  const bytes = parse(family, text);
  if (bytes === undefined) throw new Error(`${text} is no ${family} address`);
  return bytes;
}

/** In its shortest form. */
export function ipText(family: Family, bytes: Buffer): string {
  const source = memory(LENGTH[family]);
  bytes.copy(source);
  const text = memory(LONGEST_TEXT);
  inetNtop(number(family), source, text, text.length);
  return text.toString('latin1', 0, text.indexOf(0));
}

const LENGTH = { ipv4: 4, ipv6: 16 } as const;
const LONGEST_TEXT = 46;

function parse(family: Family, text: string): Buffer | undefined {
  // The C library would read up to there.
  if (text.includes('\0')) return undefined;
  const bytes = memory(LENGTH[family]);
  return inetPton(number(family), Buffer.from(`${text}\0`), bytes) === 1 ? bytes : undefined;
}

function number(family: Family): number {
  return family === 'ipv4' ? platform.AF_INET : platform.AF_INET6;
}
