import { checked, memory } from './libc.ts';

const getentropy = checked<[block: Buffer, length: number]>('int getentropy(void *, size_t)');

/** That many bytes that nobody can foresee, in hexadecimal. Not node:crypto: the resident process does without. */
export function randomHex(bytes: number): string {
  const block = memory(bytes);
  getentropy(block, bytes);
  return block.toString('hex');
}
