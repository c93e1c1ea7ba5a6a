import { lstatSync } from 'node:fs';
import { toBytes } from '../posix/bytes.ts';
import { errorCode } from '../posix/system-error.ts';
import { sleep } from '../sleep.ts';
import { StartupError } from '../startup-error.ts';
import type { Running } from './running.ts';

/** A client at work touches its lock twice as often. One that was killed holds up the next for about this long. */
const STALE_MS = 5000;
const RETRY_MS = 50;

/**
 * Waits until no other client is at work on this pid file; returns what ends the turn. Where the lock cannot be made
 * (its directory is read-only, say), or something that no client touches lies in its place, clients go without.
 */
export async function takeTurn(pidFile: string, superdaemon: Running): Promise<() => Promise<void>> {
  // Here, for it installs signal listeners when imported: the resident process must never load it.
  const { lock } = await import('proper-lockfile');
  const withoutTurn = async () => {};
  let touched = lastTouch(pidFile);
  let patience = performance.now() + 2 * STALE_MS;
  for (;;) {
    try {
      return await lock(pidFile, { realpath: false, stale: STALE_MS, onCompromised: () => {} });
    } catch (error) {
      if (errorCode(error) !== 'ELOCKED' || isStrangers(pidFile)) return withoutTurn;
    }
    if (superdaemon.isGone()) throw new StartupError(`--pid-file=${pidFile}: superdaemon went away`);
    if (lastTouch(pidFile) !== touched) patience = performance.now() + 2 * STALE_MS;
    touched = lastTouch(pidFile);
    if (performance.now() > patience) return withoutTurn;
    await sleep(RETRY_MS);
  }
}

/** Made by a user who is neither root nor we: nobody's turn. */
function isStrangers(pidFile: string): boolean {
  const uid = lstatSync(toBytes(`${pidFile}.lock`), { throwIfNoEntry: false })?.uid;
  return uid !== undefined && uid !== 0 && uid !== process.geteuid?.();
}

/** proper-lockfile's lock is a directory beside the file, and its time the sign of life. */
function lastTouch(pidFile: string): number | undefined {
  return lstatSync(toBytes(`${pidFile}.lock`), { throwIfNoEntry: false })?.mtimeMs;
}
