// The environment that we are started with, as bytes: what is a variable comes out as it came in, and all that is text inside
// the program is bytes again outside.

import { deepStrictEqual, ok } from 'node:assert/strict';
import { fromBytes, toBytes } from '../../../src/posix/libc/bytes.ts';
import { parseEnvironment } from '../../../src/posix/process/caller.ts';
import { environmentBytes } from '../../../src/posix/process/environment-strings.ts';
import { splitAtNul } from '../../../src/posix/process/process-text.ts';

export const words = ['A=1\0', '=', '\0', 'PATH=/bin\0', 'ü', '\xff', '\xed\xa0\x80', '\xf4\x90\x80\x80'];

export function fuzz(input: Buffer): void {
  const text = fromBytes(input);
  ok(toBytes(text).equals(input));
  deepStrictEqual(fromBytes(toBytes(text)), text);
  const entries = splitAtNul(input);
  deepStrictEqual(toBytes(entries.join('\0')), input.at(-1) === 0 ? input.subarray(0, -1) : input);
  const environment = parseEnvironment(input);
  for (const [name, value] of environment) {
    ok(!/[=\0]/.test(name) && !value.includes('\0'));
    deepStrictEqual(
      entries.find((entry) => entry.startsWith(`${name}=`)),
      `${name}=${value}`,
    );
  }
  deepStrictEqual(parseEnvironment(environmentBytes(environment)), environment);
}
