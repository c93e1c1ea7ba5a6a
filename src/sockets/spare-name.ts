// A server that goes may remove the file of a socket that others still serve, at the beginning of a long farewell. A socket
// without a name is found by nobody, and link(2) gives no name back to a file that has lost its last one. So as long as
// workers are on their way out the file has a second name, by which the first is given back in the same moment.

import { type FSWatcher, linkSync, lstatSync, unlinkSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { identityAt, removeOwnFile } from '../posix/file/own-file.ts';
import { toBytes } from '../posix/libc/bytes.ts';
import type { Listener, ListenersNow } from './listener.ts';

export interface SpareNames {
  /** Until they are removed. */
  have(): void;
  /** Gives the files that have lost their names those back. */
  restore(): void;
  remove(): void;
  /** Removes them, and there will be no more. */
  end(): void;
}

/** `warn` is told of each file that was removed. Where the file system or its owner forbids it there is no second name. */
export function spareNames(listeners: ListenersNow, warn: (message: string) => void): SpareNames {
  let ended = false;
  let watchers: readonly (FSWatcher | undefined)[] | undefined;
  const files = () => listeners().flatMap(fileOf);
  const restore = () => {
    for (const file of files())
      if (restored(file)) warn(`${file.option}: a worker had removed the file: restored`);
  };
  const remove = () => {
    for (const watcher of watchers ?? []) watcher?.close();
    watchers = undefined;
    for (const { spare, file } of files()) removeOwnFile(spare, file)();
  };
  return {
    have: () => {
      if (ended || watchers !== undefined) return;
      for (const file of files()) linkOrAdopt(file);
      const directories = new Set(files().map(({ path }) => dirname(path)));
      const names = new Set(files().map(({ path }) => basename(path)));
      watchers = [...directories].map((directory) => watching(directory, names, restore));
    },
    restore,
    remove,
    end: () => {
      remove();
      ended = true;
    },
  };
}

interface SocketFile {
  readonly path: string;
  readonly spare: string;
  /** Tells it from any other (own-file.ts). */
  readonly file: string;
  readonly option: string;
}

function fileOf({ spec, file }: Listener): SocketFile[] {
  if (spec.kind !== 'unix' || file === undefined) return [];
  return [{ path: spec.path, spare: `${spec.path}.spare`, file, option: spec.option }];
}

function restored({ path, spare, file }: SocketFile): boolean {
  try {
    if (isAt(path, file) || !isAt(spare, file)) return false;
    linkSync(toBytes(spare), toBytes(path));
    return true;
  } catch {
    return false; // Something else has its place.
  }
}

export function isAt(path: string, file: string): boolean {
  try {
    return identityAt(path) === file;
  } catch {
    return false;
  }
}

/** There may be one already: of a program of ours that had no time to remove it. */
function linkOrAdopt({ path, spare, file }: SocketFile): void {
  try {
    if (isAt(spare, file)) return;
    if (isLeftover(spare)) unlinkSync(toBytes(spare));
    if (isAt(path, file)) linkSync(toBytes(path), toBytes(spare));
  } catch {
    // Then a file that is removed stays so until the next deploy, and that is said.
  }
}

function isLeftover(spare: string): boolean {
  const found = lstatSync(toBytes(spare), { throwIfNoEntry: false });
  return found?.isSocket() === true && found.uid === process.geteuid?.();
}

function watching(directory: string, names: ReadonlySet<string>, changed: () => void): FSWatcher | undefined {
  const look = (_: string, name: string | null) => {
    if (name === null || names.has(name)) changed();
  };
  try {
    // Changed it may be by anybody at any time, even so that it cannot be watched any more.
    return watch(directory, { persistent: false }, look).on('error', () => {});
  } catch {
    return undefined;
  }
}
