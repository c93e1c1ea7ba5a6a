import { fstatSync, lstatSync, type Stats, unlinkSync } from 'node:fs';
import { toBytes } from './bytes.ts';
import { errorCode } from './system-error.ts';

/**
 * Returns what removes the file at `path`, provided that it still is the one that is there now: what somebody else put
 * in its place is not ours. Failing to remove it is forgiven.
 */
export function removeOwnFile(path: string): () => void {
  const ours = identity(lstatSync(toBytes(path)));
  return () => {
    try {
      if (identity(lstatSync(toBytes(path))) === ours) unlinkSync(toBytes(path));
    } catch {
      // Gone already, or its directory is: nothing of ours is left there.
    }
  };
}

/** An inode number is used again as soon as its file is gone: the time of birth tells such a file from ours. */
function identity({ dev, ino, birthtimeMs }: Stats): string {
  return `${dev}:${ino}:${birthtimeMs}`;
}

export function statOrNothing(path: string, stat: (path: Buffer) => Stats = lstatSync): Stats | undefined {
  try {
    return stat(toBytes(path));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** `DEVICE:INODE` of an open file. */
export function fileIdentity(fd: number): string {
  const { dev, ino } = fstatSync(fd);
  return `${dev}:${ino}`;
}
