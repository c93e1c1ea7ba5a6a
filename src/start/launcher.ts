// The daemon's end of the connection to its launcher, which waits. Whoever waits for that is shown what goes wrong
// meanwhile; when it is gone before anybody serves, nobody wants the daemon any more.

import { writeSync } from 'node:fs';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { whenReadable } from '../posix/libc/libc.ts';
import { printable } from '../printable.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';

/** What the launcher is told. */
export const SERVING = 'serving';
/** What it says, if anything: nobody wants the daemon any more. */
export const END = 'end';

export interface Launcher {
  /** Says why it still waits. */
  onEvent(event: LogEvent): void;
  /** Lets it go. */
  serving(): void;
}

export interface LauncherOptions {
  readonly format: (event: LogEvent) => string | undefined;
  readonly tell: (line: string) => void;
  /** It is gone, or has been told to give up. */
  readonly gone: () => void;
}

const EXPLAINING: readonly LogEvent['event'][] = [
  'spawn-failed',
  'worker-failed-to-start',
  'worker-late',
  'worker-status',
  'check-said',
  'check-refused',
];

/** A start that takes no longer has nothing to explain. */
const SILENCE_MS = 3000;
const WAITING = 'no worker has started yet, still waiting (INT or TERM gives up, and ends the daemon)';

/** undefined: none waits. */
export function waitingLauncher(
  fd: number | undefined,
  { format, tell, gone }: LauncherOptions,
): Launcher | undefined {
  if (fd === undefined) return undefined;
  const leaving = whenReadable(fd, () => {
    leaving[Symbol.dispose]();
    gone();
  });
  let waits = true;
  const passOn = (event: LogEvent) => {
    const line = format(event) ?? statusOf(event);
    if (line !== undefined) tell(line);
  };
  const explain = setTimeout(() => passOn({ event: 'warning', message: WAITING }), SILENCE_MS);
  return {
    onEvent: (event) => {
      if (waits && EXPLAINING.includes(event.event)) passOn(event);
    },
    serving: () => {
      waits = false;
      clearTimeout(explain);
      leaving[Symbol.dispose]();
      sendServing(fd);
    },
  };
}

/** The text log has no line for it. */
function statusOf(event: LogEvent): string | undefined {
  return event.event === 'worker-status' ? `the worker says: ${printable(event.text)}` : undefined;
}

function sendServing(fd: number): void {
  try {
    writeSync(fd, SERVING);
  } catch {
    // It did not wait.
  }
  closeQuietly(fd);
}
