import { writeSync } from 'node:fs';
import { toBytes } from './bytes.ts';
import { memory, poll } from './libc.ts';

const POLLOUT = 4;

/** How long a reader may stall before it misses a line. */
const PATIENCE_MS = 1000;

/** Writes a line at once, for the time before the loop runs. A stream that is gone or stays full is forgiven. */
export function writeLine(fd: 1 | 2, line: string): void {
  try {
    if (hasRoom(fd, PATIENCE_MS)) writeSync(fd, Buffer.concat([toBytes(line), Buffer.from('\n')]));
  } catch {
    // Nobody is left to be told.
  }
}

/** Waits until a write would not. The descriptor must not be made non-blocking for that: it is shared with the caller. */
export function hasRoom(fd: number, timeoutMs: number): boolean {
  const pollfd = memory(8);
  pollfd.writeInt32LE(fd);
  pollfd.writeInt16LE(POLLOUT, 4);
  return poll(pollfd, 1, timeoutMs) > 0;
}
