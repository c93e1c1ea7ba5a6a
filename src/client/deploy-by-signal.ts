// A deploy of a superdaemon that has no control socket: HUP, then wait until one generation is left in the status file, and
// that one newer than any there was. That it failed cannot be told from a file: only that it has not succeeded yet.

import type { RestartOptions } from '../command-line/invocation.ts';
import { readStatusFile } from '../files/status-file.ts';
import { errorCode } from '../posix/libc/system-error.ts';
import { StartupError } from '../startup-error.ts';
import { awaitTurn } from './await-turn.ts';
import { type Running, until, wentAway } from './running.ts';
import type { TimeLimit } from './time-limit.ts';

export async function deployBySignal(
  superdaemon: Running,
  { pidFile, statusFile, waitOld }: RestartOptions & { readonly statusFile: string },
  limit: TimeLimit,
): Promise<void> {
  // Two at once would take each other's generation for their own.
  using _turn = await limit.within(awaitTurn(pidFile, superdaemon), () => 'another client is at work');
  const before = newestGeneration(statusFile);
  superdaemon.signal('SIGHUP');
  const done = () => {
    if (superdaemon.isGone()) throw wentAway(pidFile, superdaemon.pid);
    const living = currentGenerations(statusFile);
    const isNew = Math.max(...living) > before;
    return isNew && (living.length === 1 || !waitOld);
  };
  await until(done, limit, () => `generations ${currentGenerations(statusFile).join(', ')} live`);
}

/** Throws StartupError when the file cannot be read, or names none: it is not the status file of a superdaemon that serves. */
export function newestGeneration(statusFile: string): number {
  const newest = Math.max(...generations(statusFile));
  if (newest === Number.NEGATIVE_INFINITY) {
    throw new StartupError(`--status-file=${statusFile}: names no generation`);
  }
  return newest;
}

/** While it runs, its status file may be missing for a moment: nobody has started. */
function currentGenerations(statusFile: string): number[] {
  try {
    return generations(statusFile);
  } catch (error) {
    if (errorCode(error instanceof Error ? error.cause : undefined) === 'ENOENT') return [];
    throw error;
  }
}

function generations(statusFile: string): number[] {
  return readStatusFile(statusFile).map(({ generation }) => generation);
}
