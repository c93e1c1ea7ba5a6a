import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBytes, toBytes } from '../../src/posix/libc/bytes.ts';

const unicode = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff })))
  .map((codes) => String.fromCodePoint(...codes));

/** Bytes that hit the edges of UTF-8: cut-off, overlong and surrogate sequences beside whole ones. */
const pieces = fc.oneof(
  fc.uint8Array({ maxLength: 6 }),
  fc
    .constantFrom('ed a0 80', 'ed bf bf', 'c0 80', 'f4 90 80 80', 'f0 9f 98', 'f0 9f 98 80', 'ef bb bf', 'c3')
    .map((hex) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))),
  unicode.map((text) => Uint8Array.from(Buffer.from(text))),
);

describe('bytes as text', () => {
  it('come back out as they went in, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(pieces), (parts) => {
        const bytes = Buffer.concat(parts);
        expect(toBytes(fromBytes(bytes)).equals(bytes)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('are ordinary text where they are UTF-8', () => {
    fc.assert(
      fc.property(unicode, (text) => {
        expect(fromBytes(Buffer.from(text))).toBe(text);
        expect(toBytes(text).equals(Buffer.from(text))).toBe(true);
      }),
    );
  });

  it('stay readable around a byte that is no UTF-8', () => {
    expect(fromBytes(Buffer.from('caf\xe9 ü', 'latin1'))).toBe('caf\udce9 \udcfc');
    expect(fromBytes(Buffer.concat([Buffer.from('ü='), Buffer.of(0x80)]))).toBe('ü=\udc80');
  });

  it('can be put together from parts', () => {
    const parts = [Buffer.of(0xf0, 0x9f), Buffer.from('='), Buffer.of(0x98, 0x80)];
    expect(toBytes(parts.map(fromBytes).join('')).equals(Buffer.concat(parts))).toBe(true);
  });
});
