// One after another: a file that nobody but our user can open, under flock(2). So no stranger can hold anybody up, and the
// kernel ends the turn of a process that was killed. Where there can be no such file everybody goes without.

import { constants, fstatSync, openSync, unlinkSync } from 'node:fs';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { lock } from '../posix/file/lock.ts';
import { isStillAt } from '../posix/file/own-file.ts';
import { toBytes } from '../posix/libc/bytes.ts';

const WITHOUT: Disposable = { [Symbol.dispose]: () => {} };

/** The turn at a path, from now until it is disposed of; undefined while somebody else has it. */
export function tryTurn(path: string): Disposable | undefined {
  const file = `${path}.turn`;
  const fd = open(file);
  if (fd === undefined) return WITHOUT;
  try {
    // Between our open and our lock it may have been removed by whom it belonged to.
    if (lock(fd) && isStillAt(file, fd)) return held(file, fd);
  } catch {
    closeQuietly(fd);
    return WITHOUT;
  }
  closeQuietly(fd);
  return undefined;
}

function held(file: string, fd: number): Disposable {
  return {
    [Symbol.dispose]: () => {
      try {
        unlinkSync(toBytes(file));
      } catch {
        // It is left, for the next one to use.
      }
      closeQuietly(fd);
    },
  };
}

/** undefined where none can be made, and for what is not such a file: another's, or in other use. */
function open(file: string): number | undefined {
  try {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const fd = openSync(toBytes(file), flags, MODE);
    const { uid, mode, size } = fstatSync(fd);
    if (uid === process.geteuid?.() && mode === (constants.S_IFREG | MODE) && size === 0) return fd;
    closeQuietly(fd);
    return undefined;
  } catch {
    return undefined;
  }
}

const MODE = 0o600;
