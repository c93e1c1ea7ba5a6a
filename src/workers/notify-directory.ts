// The directory for the sockets of $NOTIFY_SOCKET, for the superdaemon's whole life. One that has vanished is made anew;
// where none can be made, workers have the pipe.

import { basename } from 'node:path';
import { isInPlace, type OpenDirectory } from '../posix/file/directory.ts';
import { reason } from '../posix/libc/system-error.ts';
import type { Environment } from '../posix/process/caller.ts';
import type { User } from '../posix/process/privileges.ts';
import { removeLeftovers } from './notify-leftovers.ts';
import {
  makeDirectory,
  type NotifyPlace,
  openSocket,
  placesIn,
  removeDirectory,
  removeSocket,
} from './notify-place.ts';
import type { InheritedSocket } from './readiness.ts';

export interface NotifyDirectory extends Disposable {
  /** Opens the socket of a generation; undefined where there is no place for one, which has been said then. */
  open(generation: number): InheritedSocket | undefined;
  /** Removes the file of a socket that it has opened. */
  remove(path: string): void;
  /** For the successor. */
  forSuccessor(): OpenDirectory | undefined;
}

export interface NotifyDirectoryOptions {
  readonly environment: Environment;
  readonly warn: (message: string) => void;
  readonly inherited: OpenDirectory | undefined;
  /** Who is to reach the sockets; undefined: anybody may be. */
  readonly user: User | undefined;
}

export function notifyDirectory(options: NotifyDirectoryOptions): NotifyDirectory {
  const { environment, warn, inherited, user } = options;
  let held = inherited;
  const leave = () => {
    if (held !== undefined) removeDirectory(held);
    held = undefined;
  };
  const open = (generation: number): InheritedSocket => {
    const here = held;
    if (here !== undefined && isInPlace(here)) return naming(here.path, () => openSocket(here, generation));
    leave();
    const made = makeAnywhere(placesIn(environment, user), generation);
    held = made.directory;
    removeLeftovers(held);
    if (made.renamable)
      warn(`others can rename ${held.path}, where NOTIFY_SOCKET lies: make its place sticky`);
    return made.socket;
  };
  return {
    open: orWarning(open, warn),
    remove: (path) => {
      if (held !== undefined) removeSocket(held, basename(path));
    },
    forSuccessor: () => held,
    [Symbol.dispose]: leave,
  };
}

/** What goes wrong time after time is said once. */
function orWarning(open: (generation: number) => InheritedSocket, warn: (message: string) => void) {
  let complaint = '';
  return (generation: number): InheritedSocket | undefined => {
    try {
      const socket = open(generation);
      complaint = '';
      return socket;
    } catch (error) {
      const why = reason(error);
      if (why !== complaint) warn(`no place for NOTIFY_SOCKET, workers get NOTIFY_FD alone: ${why}`);
      complaint = why;
      return undefined;
    }
  };
}

/** In the first place where all goes well. Throws Error that names each place and what was wrong there. */
function makeAnywhere(places: readonly NotifyPlace[], generation: number) {
  const complaints = new Set<string>();
  for (const place of places) {
    try {
      return naming(place.name, () => makeWithSocket(place, generation));
    } catch (error) {
      complaints.add(reason(error));
    }
  }
  throw new Error([...complaints].join('; '));
}

function makeWithSocket(place: NotifyPlace, generation: number) {
  const directory = makeDirectory(place);
  try {
    return { directory, socket: openSocket(directory, generation), renamable: place.renamable };
  } catch (error) {
    removeDirectory(directory);
    throw error;
  }
}

function naming<Result>(place: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    throw new Error(`${place}: ${reason(error)}`, { cause: error });
  }
}
