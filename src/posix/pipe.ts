import { closeQuietly, duplicate } from './descriptor.ts';
import { pipe as libcPipe, memory } from './libc.ts';

/** Both ends close-on-exec and blocking. */
export function pipe(): { readonly read: number; readonly write: number } {
  const ends = memory(8);
  libcPipe(ends);
  const [read, write] = [ends.readInt32LE(0), ends.readInt32LE(4)];
  // The copies are close-on-exec from birth; pipe2, which would do the same, is not everywhere.
  const pair = { read: duplicate(read, 3), write: duplicate(write, 3) };
  closeQuietly(read);
  closeQuietly(write);
  return pair;
}
