// When a superdaemon and its workers are killed together, nobody is left to remove the directory of their sockets: the next
// one that makes its own in the same place does. The lock tells who lives.

import { fstatSync, lstatSync, readdir, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { type OpenDirectory, openDirectory, within } from '../posix/file/directory.ts';
import { lock } from '../posix/file/lock.ts';
import { toPath } from '../posix/libc/bytes.ts';
import {
  DIRECTORY_MODE,
  isDirectoryName,
  isSocketName,
  MODE_WHEN_NEW,
  removeDirectory,
} from './notify-place.ts';

/** Beside the directory of the living; nobody waits for it. */
export function removeLeftovers({ path }: OpenDirectory): void {
  const place = dirname(path);
  readdir(toPath(place), (_error, names = []) => {
    for (const name of names.filter(isDirectoryName)) removeIfLeft(`${place}/${name}`);
  });
}

function removeIfLeft(path: string): void {
  const directory = takeLeftover(path);
  // Which closes it.
  if (directory !== undefined) removeDirectory(directory);
}

/** Held and locked from now on; undefined where it is none, or somebody lives who uses it. */
export function takeLeftover(path: string): OpenDirectory | undefined {
  let directory: OpenDirectory | undefined;
  try {
    directory = openDirectory(path);
    if (isOurs(directory) && lock(directory.fd)) return directory;
  } catch {
    // It is somebody else's.
  }
  if (directory !== undefined) closeQuietly(directory.fd);
  return undefined;
}

/** Between making it and locking it there are microseconds, unless its superdaemon was killed there. */
const BEGUN_FOR_MS = 60_000;

/** Of our user, and with nothing in it but sockets; with none in it, it may be just about to be used. */
function isOurs(directory: OpenDirectory): boolean {
  const { uid, mode, mtimeMs } = fstatSync(directory.fd);
  if (uid !== process.geteuid?.() || ![DIRECTORY_MODE, MODE_WHEN_NEW].includes(mode & 0o7777)) return false;
  const names = readdirSync(within(directory, ''));
  if (names.length === 0) return Date.now() - mtimeMs > BEGUN_FOR_MS;
  return names.every((name) => isSocketName(name) && isSocket(directory, name));
}

function isSocket(directory: OpenDirectory, name: string): boolean {
  return lstatSync(within(directory, name)).isSocket();
}
