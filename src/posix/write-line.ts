import { writeSync } from 'node:fs';
import { toBytes } from './bytes.ts';

/** Writes a line at once, for the time before the loop runs; a stream that is gone or full is forgiven. */
export function writeLine(fd: 1 | 2, line: string): void {
  try {
    writeSync(fd, Buffer.concat([toBytes(line), Buffer.from('\n')]));
  } catch {
    // Nobody is left to be told.
  }
}
