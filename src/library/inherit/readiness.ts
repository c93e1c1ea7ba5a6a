// MAINPID, whom signals are for: behind npm or a shell that is not the one that the superdaemon has started. READY=1, once
// every socket that all workers share listens and it has lived on for a moment.

import { alive } from '../alive.ts';
import { superdaemonPipe } from '../superdaemon-pipe.ts';
import type { Lazily } from './inherit.ts';
import { awaitedPlaces, type Place } from './places.ts';

/** A release that cannot serve throws when it listens, or shortly after: in its callback, by a second port that is in use. */
const SETTLE_MS = 100;

export interface Readiness {
  /** A socket listens now. */
  look(): void;
  /** See `Preload`. */
  say(status?: string): boolean;
  leaveToProgram(): void;
}

export function readiness(places: readonly Place[], lazily: Lazily): Readiness {
  let isPrograms = false;
  let hasComplained = false;
  const say = (status = hasComplained ? 'listens on all of them' : undefined) => {
    const { isPrimary } = lazily.cluster();
    nameMain(isPrimary);
    const lines = status === undefined ? [] : [`STATUS=${status.replace(/\s+/g, ' ')}`];
    const told = tell(`${[...lines, 'READY=1'].join('\n')}\n`);
    // A fork of the primary may be replaced by it at any time: its silence would mean nothing.
    if (isPrimary) alive();
    return told;
  };
  const sayIfStill = () => {
    if (isPrograms) return;
    const missing = awaitedPlaces(places).flatMap(({ listens, name }) => (listens ? [] : [name]));
    if (missing.length === 0) return orWarn(say);
    hasComplained = true;
    superdaemonPipe()?.write(`STATUS=process ${process.pid} does not listen on ${missing.join(', ')}\n`);
  };
  let settling: NodeJS.Timeout | undefined;
  return {
    say,
    leaveToProgram: () => {
      isPrograms = true;
    },
    look: () => {
      orWarn(() => nameMain(lazily.cluster().isPrimary));
      clearTimeout(settling);
      // After a turn that took long, what came meanwhile is heard first.
      settling = setTimeout(() => setImmediate(sayIfStill), SETTLE_MS);
    },
  };
}

/** The program has not asked for it, and is not to fail by it. */
function orWarn(act: () => void): void {
  try {
    act();
  } catch (error) {
    process.emitWarning(error as Error);
  }
}

/** Before it is ready, too: it may be told to go any time. Signals are for the primary: its forks are its own to tell. */
function nameMain(isPrimary: boolean): void {
  if (isNamed) return;
  isNamed = true;
  superdaemonPipe()?.write(`MAINPID=${isPrimary ? process.pid : process.ppid}\n`);
}

let isNamed = false;

/** Once. Throws Error when NOTIFY_FD is not the number of an open pipe. */
function tell(message: string): boolean {
  const pipe = superdaemonPipe();
  if (pipe === undefined || pipe.isReady) return false;
  pipe.isReady = true;
  return pipe.write(message);
}
