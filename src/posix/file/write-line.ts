import { writeSync } from 'node:fs';
import { toBytes } from '../libc/bytes.ts';
import { canWrite } from './poll-now.ts';

/** How long a reader may stall before it misses a line. */
const PATIENCE_MS = 1000;

/** Writes a line at once, for the time before the loop runs. A stream that is gone or stays full is forgiven. */
export function writeLine(fd: 1 | 2, line: string): void {
  try {
    if (canWrite(fd, PATIENCE_MS)) writeSync(fd, Buffer.concat([toBytes(line), Buffer.from('\n')]));
  } catch {
    // Nobody is left to be told.
  }
}
