// READY=1, once every socket that this process inherits listens, with the pid of whom signals are for: behind npm or a
// shell that is not the one that the superdaemon has started.

import { closeSync, writeSync } from 'node:fs';
import { pipeNumber } from '../descriptor.ts';
import type { Lazily } from './inherit.ts';
import type { Place } from './places.ts';

export interface Readiness {
  /** A socket listens now. */
  look(): void;
  /** See `Preload`. */
  say(status?: string): boolean;
  leaveToProgram(): void;
}

export function readiness(places: readonly Place[], lazily: Lazily): Readiness {
  let isPrograms = false;
  const say = (status?: string) => {
    const { isPrimary } = lazily.cluster();
    const lines = status === undefined ? [] : [`STATUS=${status.replace(/\s+/g, ' ')}`];
    // Signals are for the primary: its forks are its own to tell.
    return tell(`${[...lines, `MAINPID=${isPrimary ? process.pid : process.ppid}`, 'READY=1'].join('\n')}\n`);
  };
  return {
    say,
    leaveToProgram: () => {
      isPrograms = true;
    },
    look: () => {
      if (isPrograms || places.some(({ listens }) => !listens)) return;
      try {
        say();
      } catch (error) {
        process.emitWarning(error as Error);
      }
    },
  };
}

/** Once. Throws Error when NOTIFY_FD is not the number of an open pipe. */
function tell(message: string): boolean {
  const text = process.env.NOTIFY_FD;
  if (text === undefined || text === '') return false;
  // Removed first: whatever this program starts has another descriptor at that number.
  delete process.env.NOTIFY_FD;
  const fd = pipeNumber(text);
  try {
    writeSync(fd, message);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') return false; // Nobody waits for it any more.
    throw error;
  } finally {
    closeSync(fd);
  }
}
