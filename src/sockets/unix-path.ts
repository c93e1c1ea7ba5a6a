// The file of a Unix socket: what may be cleared away before binding.

import { type Stats, statSync, unlinkSync } from 'node:fs';
import { toBytes } from '../posix/bytes.ts';
import { statOrNothing } from '../posix/own-file.ts';
import { StartupError } from '../startup-error.ts';
import { listeningProcess } from './listening-process.ts';
import type { UnixSpec } from './socket-spec.ts';

/**
 * Removes a socket that nobody serves any more, or a symbolic link to one. A superdaemon at work keeps its socket, and
 * any other file keeps its place: both are a StartupError.
 */
export function clearPath({ path, option }: UnixSpec, warn: (line: string) => void): void {
  const file = statOrNothing(path);
  if (file === undefined) return;
  if (!isSocket(path, file)) throw new StartupError(`${option}: a file that is no socket is in the way`);
  const owner = listeningProcess(path);
  if (owner.kind === 'process') throw new StartupError(`${option}: in use by process ${owner.pid}`);
  if (owner.kind === 'unknown') throw new StartupError(`${option}: in use by another process`);
  warn(`removing existing socket file:${path}`);
  unlinkSync(toBytes(path));
}

/** A socket, or a symbolic link to one or to nothing. */
function isSocket(path: string, file: Stats): boolean {
  return file.isSymbolicLink() ? (statOrNothing(path, statSync)?.isSocket() ?? true) : file.isSocket();
}
