// A directory by its descriptor: whatever becomes of its name, what is made and removed in it is made and removed there.
// Linux with /proc.

import { constants, openSync } from 'node:fs';
import { toPath } from '../libc/bytes.ts';
import { isStillAt } from './own-file.ts';

/** A directory that is held open, close-on-exec, and the path that led to it then. */
export interface OpenDirectory {
  readonly fd: number;
  readonly path: string;
}

/** Throws Error for anything else that lies there, a symbolic link to a directory included. */
export function openDirectory(path: string): OpenDirectory {
  return {
    fd: openSync(toPath(path), constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW),
    path,
  };
}

/** The way to a name in it, for calls that take no descriptor. */
export function within({ fd }: OpenDirectory, name: string): string {
  return `/proc/self/fd/${fd}/${name}`;
}

/** Whether its path still leads to it. */
export function isInPlace({ fd, path }: OpenDirectory): boolean {
  try {
    return isStillAt(path, fd);
  } catch {
    return false;
  }
}
