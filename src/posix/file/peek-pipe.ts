import { checked } from '../libc/libc.ts';
import { closeQuietly } from './descriptor.ts';
import { type Pipe, pipe, readNow } from './pipe.ts';

type Tee = (from: number, to: number, length: number, flags: number) => number;
/** Bound when it is wanted: Linux alone has it. */
let tee: Tee | undefined;

const LENGTH = 4096;
const SPLICE_F_NONBLOCK = 2;

/** The first bytes that wait in a pipe, and stay there; empty when none do. */
export function peekPipe(read: number): Buffer {
  tee ??= checked<Parameters<Tee>>('long tee(int, int, size_t, unsigned int)');
  let copy: Pipe | undefined;
  try {
    copy = pipe();
    tee(read, copy.write, LENGTH, SPLICE_F_NONBLOCK);
    return readNow(copy.read) ?? Buffer.alloc(0);
  } catch {
    return Buffer.alloc(0);
  } finally {
    if (copy !== undefined) for (const end of [copy.read, copy.write]) closeQuietly(end);
  }
}
