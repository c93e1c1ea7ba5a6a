import { readSync } from 'node:fs';
import { fcntl, pipe as libcPipe, memory } from '../libc/libc.ts';
import { platform } from '../libc/platform.ts';
import { errorCode } from '../libc/system-error.ts';
import { closedOnFailure, closeQuietly, duplicate } from './descriptor.ts';

export interface Pipe {
  readonly read: number;
  readonly write: number;
}

/** Both ends close-on-exec and blocking. */
export function pipe(): Pipe {
  const ends = memory(8);
  libcPipe(ends);
  const originals = [ends.readInt32LE(0), ends.readInt32LE(4)];
  // The copies are close-on-exec from birth; pipe2, which would do the same, is not everywhere.
  const copies: number[] = [];
  try {
    for (const end of originals) copies.push(duplicate(end, 3));
  } catch (error) {
    copies.forEach(closeQuietly);
    throw error;
  } finally {
    originals.forEach(closeQuietly);
  }
  const [read = -1, write = -1] = copies;
  return { read, write };
}

/** A pipe whose reading end, and that alone, never waits. */
export function pipeToWatch(): Pipe {
  const ends = pipe();
  const { read, write } = ends;
  closedOnFailure(write, () =>
    closedOnFailure(read, () => fcntl(read, platform.F_SETFL, platform.O_NONBLOCK)),
  );
  return ends;
}

/** Of Linux alone. */
const F_GETPIPE_SZ = 1032;

/** How many bytes it holds. Linux only. */
export function capacityOf(pipe: number): number {
  return fcntl(pipe, F_GETPIPE_SZ);
}

const BLOCK = 4096;

/** A call that finds nothing yet, or that a signal has cut short: the next one may find something. */
const PASSING = ['EAGAIN', 'EINTR'];

/** What waits at a descriptor that does not block, a block at most; undefined while nothing does, empty at its end. */
export function readNow(fd: number): Buffer | undefined {
  const block = Buffer.alloc(BLOCK);
  try {
    return block.subarray(0, readSync(fd, block));
  } catch (error) {
    return PASSING.includes(errorCode(error) ?? '') ? undefined : block.subarray(0, 0);
  }
}
