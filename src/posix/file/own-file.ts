import { fstatSync, lstatSync, type Stats, statSync, unlinkSync } from 'node:fs';
import { toPath } from '../libc/bytes.ts';

/**
 * Returns what removes the file at `path`, provided that it still is ours, the one that is there now: what somebody else
 * put in its place is not. Failing to remove it is forgiven.
 */
export function removeOwnFile(path: string, ours = identityAt(path)): () => void {
  return () => {
    try {
      if (identityAt(path) === ours) unlinkSync(toPath(path));
    } catch {
      // Gone already, or its directory is: nothing of ours is left there.
    }
  };
}

/** An inode number is used again as soon as its file is gone: the time of birth tells such a file from ours. */
export function identityAt(path: string): string {
  return identityOf(lstatSync(toPath(path)));
}

export function identityOf({ dev, ino, birthtimeMs }: Stats): string {
  return `${dev}:${ino}:${birthtimeMs}`;
}

export function statOrNothing(
  path: string,
  stat: typeof lstatSync | typeof statSync = lstatSync,
): Stats | undefined {
  return stat(toPath(path), { throwIfNoEntry: false });
}

/** false, too, where we may not look: whoever goes on to use the path will be told. */
export function isSocketAt(path: string): boolean {
  try {
    return lstatSync(toPath(path)).isSocket();
  } catch {
    return false;
  }
}

/** `DEVICE:INODE` of an open file. */
export function fileIdentity(fd: number): string {
  const { dev, ino } = fstatSync(fd);
  return `${dev}:${ino}`;
}

/** Whether two paths lead to one file; false where either leads nowhere, or we may not look. */
export function isSameFile(path: string, other: string): boolean {
  try {
    const [some, others] = [statSync(toPath(path)), statSync(toPath(other))];
    return some.ino === others.ino && some.dev === others.dev;
  } catch {
    return false;
  }
}

/** Whether an open file still has this name. */
export function isStillAt(path: string, fd: number): boolean {
  const named = statOrNothing(path);
  const open = fstatSync(fd);
  return named?.ino === open.ino && named.dev === open.dev;
}
