// Whether the files of a superdaemon could be had, in the words in which it would refuse to start. Nothing is made.

import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { statOrNothing } from '../posix/file/own-file.ts';
import { toBytes } from '../posix/libc/bytes.ts';
import { reason } from '../posix/libc/system-error.ts';
import type { Environment } from '../posix/process/caller.ts';
import { StartupError } from '../startup-error.ts';
import { refuseMissing } from './log-program.ts';
import { openLogFile } from './open-log-file.ts';
import type { LogTarget } from './output.ts';
import { lockOrRefuse, openPidFile } from './pid-file-lock.ts';
import { refuseDevice } from './replace-file.ts';
import { refuseAnothers } from './status-file-lock.ts';

/** Its lock is taken for an instant, as clients do. */
export async function checkPidFile(path: string): Promise<void> {
  const option = `--pid-file=${path}`;
  if (existing(option, path, () => statOrNothing(path)) === undefined) return;
  const fd = openPidFile(path, 0);
  try {
    await lockOrRefuse(fd, path);
  } finally {
    closeQuietly(fd);
  }
}

/** It is made anew and renamed whenever it changes, so its directory has to let us. */
export function checkStatusFile(path: string | undefined): void {
  checkReplaced('--status-file', path, refuseAnothers);
}

/** So is this one. */
export function checkMetricsFile(path: string | undefined): void {
  checkReplaced('--metrics-file', path, () => {});
}

function checkReplaced(name: string, path: string | undefined, refuse: (path: string) => void): void {
  if (path === undefined) return;
  const option = `${name}=${path}`;
  try {
    if (statOrNothing(path)?.isDirectory()) throw new StartupError('is a directory');
    checkDirectoryOf(path);
    refuseDevice(path);
    refuse(path);
  } catch (error) {
    const why = error instanceof StartupError ? error.message : `cannot write: ${reason(error)}`;
    throw new StartupError(`${option}: ${why}`, { cause: error });
  }
}

export function checkLog(target: LogTarget, environment: Environment): void {
  if (target.kind === 'command') return refuseMissing(target.command, environment);
  if (target.kind !== 'file') return;
  const { path } = target;
  const file = existing(`--log-file=${path}`, path, () => statOrNothing(path, statSync));
  // Whoever reads from a FIFO would see its end when we close it again.
  if (file !== undefined && !file.isFIFO()) closeQuietly(openLogFile(path, 0));
}

/** What is there; undefined for nothing, where a file could be made. */
function existing(option: string, path: string, look: () => Stats | undefined): Stats | undefined {
  try {
    const file = look();
    if (file === undefined) checkDirectoryOf(path);
    return file;
  } catch (error) {
    throw new StartupError(`${option}: cannot open: ${reason(error)}`, { cause: error });
  }
}

/** Throws where no file could be made at `path`. */
function checkDirectoryOf(path: string): void {
  // The dot tells a file in the place of a directory: the newer Nodes' statSync takes what lies below one for missing.
  accessSync(toBytes(`${dirname(path)}/.`), constants.W_OK | constants.X_OK);
}
