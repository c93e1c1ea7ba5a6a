// The file of a Unix socket: what may be cleared away before binding.

import { accessSync, constants, openSync, type Stats, statSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { isTrusted } from '../files/pid-file-owner.ts';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { isUnlocked, lock } from '../posix/file/lock.ts';
import { lockHolder } from '../posix/file/lock-holder.ts';
import { statOrNothing } from '../posix/file/own-file.ts';
import { toBytes } from '../posix/libc/bytes.ts';
import { sleep } from '../posix/sleep.ts';
import { StartupError } from '../startup-error.ts';
import { listeningProcess } from './listening-process.ts';
import type { UnixSpec } from './socket-spec.ts';

const RETRY_MS = 10;

/**
 * Removes a socket that nobody serves any more, or a symbolic link to one. A superdaemon at work keeps its socket, and
 * any other file keeps its place: both are a StartupError. `isAbandoned`: whoever serves it, it goes.
 */
export function clearPath(spec: UnixSpec, warn: (line: string) => void, isAbandoned = false): void {
  if (!isAbandoned && !isStale(spec)) return;
  warn(`removing existing socket file:${spec.path}`);
  unlinkSync(toBytes(spec.path));
}

/** Whether something lies there that has to be removed, and could be; nothing is changed. */
export function wouldClear(spec: UnixSpec, warn: (line: string) => void): boolean {
  if (!isStale(spec)) return false;
  accessSync(toBytes(dirname(spec.path)), constants.W_OK | constants.X_OK);
  warn(`would remove existing socket file:${spec.path}`);
  return true;
}

function isStale({ path, option }: UnixSpec): boolean {
  const file = statOrNothing(path);
  if (file === undefined) return false;
  if (!isSocket(path, file)) throw new StartupError(`${option}: a file that is no socket is in the way`);
  const owner = listeningProcess(path);
  if (owner.kind === 'process') throw new StartupError(`${option}: in use by process ${owner.pid}`);
  if (owner.kind === 'unknown') throw new StartupError(`${option}: in use by another process`);
  return true;
}

/**
 * Those who start over one path take turns from the look at it until they listen there: or two would find the same stale
 * socket, and the second would remove the first one's. The kernel's lock on the directory goes with the process. A stranger's,
 * who need only be able to read the directory, counts for nothing, and for all paths together nobody waits long.
 */
export async function takeTurnAt(path: string): Promise<Disposable> {
  const fd = openDirectory(dirname(path));
  if (fd === undefined) return { [Symbol.dispose]: () => {} };
  for (; !lock(fd) && !isStrangers(fd) && patienceMs > 0; patienceMs -= RETRY_MS) await sleep(RETRY_MS);
  return { [Symbol.dispose]: () => closeQuietly(fd) };
}

let patienceMs = 1000;

function isStrangers(directory: number): boolean {
  const pid = lockHolder(directory);
  return pid === undefined ? isUnlocked(directory) : !isTrusted(pid, directory);
}

function openDirectory(path: string): number | undefined {
  try {
    return openSync(toBytes(path), constants.O_RDONLY | constants.O_DIRECTORY);
  } catch {
    return undefined;
  }
}

/** A socket, or a symbolic link to one or to nothing. */
function isSocket(path: string, file: Stats): boolean {
  return file.isSymbolicLink() ? (statOrNothing(path, statSync)?.isSocket() ?? true) : file.isSocket();
}
