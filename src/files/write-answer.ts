// What a command was asked to print on standard output: all of it, however slow its reader is.

import { openSync, writeSync } from 'node:fs';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { canWrite } from '../posix/file/poll-now.ts';
import { toBytes } from '../posix/libc/bytes.ts';
import { dup2 } from '../posix/libc/libc.ts';
import { errorCode, reason } from '../posix/libc/system-error.ts';
import { StartupError } from '../startup-error.ts';

/** From now on an answer that is printed fails, as it has to. No other file gets the number. */
export function closeOutput(): void {
  const fd = openSync('/dev/null', 'r');
  dup2(fd, STDOUT);
  closeQuietly(fd);
}

const STDOUT = 1;
const FOR_EVER = -1;

/** Throws StartupError where it cannot be written, to a reader that has gone, too. */
export function writeAnswer(text: string): void {
  let rest = toBytes(`${text}\n`);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(STDOUT, rest));
    } catch (error) {
      if (errorCode(error) !== 'EAGAIN')
        throw new StartupError(`cannot write to standard output: ${reason(error)}`, { cause: error });
      // Non-blocking, then: it is shared with whoever made it so.
      canWrite(STDOUT, FOR_EVER);
    }
  }
}
