// $NOTIFY_SOCKET of workers whose superdaemon was killed. Some send to it as they go, and die of it with requests in their hands
// where nobody is: puma with the gem sd_notify. So each is bound anew by its name; what is said there counts for nothing.

import { basename, dirname } from 'node:path';
import { closeQuietly } from '../posix/file/descriptor.ts';
import type { OpenDirectory } from '../posix/file/directory.ts';
import { environmentOf } from '../posix/process/process-facts.ts';
import { receiveDatagram } from '../posix/socket/datagram.ts';
import { takeLeftover } from './notify-leftovers.ts';
import {
  bindSocket,
  isDirectoryName,
  isSocketName,
  makeDirectory,
  removeDirectory,
  removeSocket,
} from './notify-place.ts';
import { readInMeasure } from './read-in-measure.ts';

export interface SurvivorSockets extends Disposable {
  died(pid: number): void;
}

/** Within a tenth of a second. */
const MOST_MESSAGES = 64;

/** Until it is disposed of; the files of those who live on then stay. */
export function survivorSockets(pids: readonly number[]): SurvivorSockets {
  const directories = new Map<string, OpenDirectory | undefined>();
  const sockets = new Map<string, Bound | undefined>();
  const paths = new Map(pids.flatMap((pid) => Array.from(pathsOf(pid), (path) => [pid, path] as const)));
  const directoryOf = (path: string) => {
    if (!directories.has(path)) directories.set(path, takeLeftover(path) ?? madeAgain(path));
    return directories.get(path);
  };
  for (const path of new Set(paths.values())) sockets.set(path, bound(directoryOf(dirname(path)), path));
  const remove = (path: string) => {
    const directory = directories.get(dirname(path));
    sockets.get(path)?.[Symbol.dispose]();
    sockets.delete(path);
    if (directory === undefined) return;
    removeSocket(directory, basename(path));
    if ([...sockets.keys()].some((other) => dirname(other) === dirname(path))) return;
    directories.delete(dirname(path));
    removeDirectory(directory);
  };
  return {
    died: (pid) => {
      const path = paths.get(pid);
      paths.delete(pid);
      if (path !== undefined && ![...paths.values()].includes(path)) remove(path);
    },
    [Symbol.dispose]: () => {
      for (const socket of sockets.values()) socket?.[Symbol.dispose]();
      for (const directory of directories.values()) if (directory !== undefined) closeQuietly(directory.fd);
    },
  };
}

/** One, or none. */
function pathsOf(pid: number): readonly string[] {
  const path = environmentOf(pid).get('NOTIFY_SOCKET') ?? '';
  return isSocketName(basename(path)) && isDirectoryName(basename(dirname(path))) ? [path] : [];
}

/** Another superdaemon may have taken it for one that nobody uses. undefined where something is there, or nothing can be made. */
function madeAgain(path: string): OpenDirectory | undefined {
  try {
    return makeDirectory({ name: dirname(path), renamable: true, user: undefined }, basename(path));
  } catch {
    return undefined;
  }
}

type Bound = Disposable;

/** undefined where that cannot be: then its worker has to do without, as ever. */
function bound(directory: OpenDirectory | undefined, path: string): Bound | undefined {
  if (directory === undefined) return undefined;
  try {
    const { fd } = bindSocket(directory, basename(path));
    const read = () => receiveDatagram(fd) !== undefined;
    const reader = readInMeasure(fd, { most: MOST_MESSAGES, read });
    return {
      [Symbol.dispose]: () => {
        reader[Symbol.dispose]();
        closeQuietly(fd);
      },
    };
  } catch {
    return undefined;
  }
}
