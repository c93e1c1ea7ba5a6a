import { readSync } from 'node:fs';
import { fcntl, pipe as libcPipe, memory } from '../libc/libc.ts';
import { platform } from '../libc/platform.ts';
import { closeQuietly, duplicate } from './descriptor.ts';

export interface Pipe {
  readonly read: number;
  readonly write: number;
}

/** Both ends close-on-exec and blocking. */
export function pipe(): Pipe {
  const ends = memory(8);
  libcPipe(ends);
  const [read, write] = [ends.readInt32LE(0), ends.readInt32LE(4)];
  // The copies are close-on-exec from birth; pipe2, which would do the same, is not everywhere.
  const pair = { read: duplicate(read, 3), write: duplicate(write, 3) };
  closeQuietly(read);
  closeQuietly(write);
  return pair;
}

/** A pipe whose reading end, and that alone, never waits. */
export function pipeToWatch(): Pipe {
  const ends = pipe();
  fcntl(ends.read, platform.F_SETFL, platform.O_NONBLOCK);
  return ends;
}

/** Of Linux alone. */
const F_GETPIPE_SZ = 1032;

/** How many bytes it holds. Linux only. */
export function capacityOf(pipe: number): number {
  return fcntl(pipe, F_GETPIPE_SZ);
}

const BLOCK = 4096;

/** What waits at a descriptor that does not block, a block at most; empty when nothing does, and at its end. */
export function readNow(fd: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  try {
    return block.subarray(0, readSync(fd, block));
  } catch {
    return block.subarray(0, 0);
  }
}
