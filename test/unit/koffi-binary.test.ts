import { openSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { isOfMusl } from '../../src/posix/libc/koffi-binary.cjs';
import { tempDir } from '../support/temp-dir.ts';

/** An executable with its interpreter's name at that place: elf(5). */
function executable(loader: string, at: number): Buffer {
  const bytes = Buffer.alloc(at + 64);
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(2, 56);
  const entry = 64 + 56;
  bytes.writeUInt32LE(3, entry);
  bytes.writeBigUInt64LE(BigInt(at), entry + 8);
  bytes.writeBigUInt64LE(BigInt(loader.length), entry + 32);
  bytes.write(loader, at, 'latin1');
  return bytes;
}

it.each([
  ['/lib/ld-musl-x86_64.so.1', 0x2a8, true],
  // As postject and patchelf leave it.
  ['/lib/ld-musl-x86_64.so.1', 0x13c0, true],
  ['/lib64/ld-linux-x86-64.so.2', 0x2a8, false],
])('an executable that names %s at %i is of musl: %s', (loader, at, expected) => {
  using dir = tempDir();
  const bytes = executable(loader, at);
  // What else lies in it does not count.
  writeFileSync(dir.join('node'), Buffer.concat([bytes, Buffer.from('/ld-musl-')]));
  expect(isOfMusl(openSync(dir.join('node'), 'r'))).toBe(expected);
});
