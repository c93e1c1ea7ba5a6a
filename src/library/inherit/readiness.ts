// READY=1, once every socket that this process inherits listens, with the pid of whom signals are for: behind npm or a
// shell that is not the one that the superdaemon has started.

import { alive } from '../alive.ts';
import { superdaemonPipe } from '../superdaemon-pipe.ts';
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
    const told = tell(
      `${[...lines, `MAINPID=${isPrimary ? process.pid : process.ppid}`, 'READY=1'].join('\n')}\n`,
    );
    // A fork of the primary may be replaced by it at any time: its silence would mean nothing.
    if (isPrimary) alive();
    return told;
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
  const pipe = superdaemonPipe();
  if (pipe === undefined || pipe.isReady) return false;
  pipe.isReady = true;
  return pipe.write(message);
}
