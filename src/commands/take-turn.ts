import { errorCode } from '../posix/system-error.ts';
import { StartupError } from '../startup-error.ts';
import type { Running } from './running.ts';

/** A client that was killed holds up the next one for this long. */
const STALE_MS = 5000;
const RETRY_MS = 50;

/**
 * Waits until no other client is at work on this pid file; returns what ends the turn. Where the lock cannot be made
 * (its directory is read-only, say) clients go without.
 */
export async function takeTurn(pidFile: string, superdaemon: Running): Promise<() => Promise<void>> {
  // Here, for it installs signal listeners when imported: the resident process must never load it.
  const { lock } = await import('proper-lockfile');
  for (;;) {
    try {
      return await lock(pidFile, { realpath: false, stale: STALE_MS, onCompromised: () => {} });
    } catch (error) {
      if (!isHeld(error)) return async () => {};
    }
    if (superdaemon.isGone()) throw new StartupError(`--pid-file=${pidFile}: superdaemon went away`);
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

function isHeld(error: unknown): boolean {
  return errorCode(error) === 'ELOCKED';
}
