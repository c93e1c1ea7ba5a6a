// The daemon's end of the connection to its launcher, which waits: it shows what goes wrong meanwhile, and when it is
// gone before anybody serves, nobody wants the daemon any more.

import { writeSync } from 'node:fs';
import { closeQuietly, setBlocking } from '../posix/descriptor.ts';
import { whenReadable } from '../posix/libc.ts';
import { errorCode } from '../posix/system-error.ts';
import { printable } from '../printable.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';

/** The byte that ends what the launcher is told: all is well. */
export const SERVING = 0;
/** What it says, if anything: nobody wants the daemon any more. */
export const END = 'end';

export interface Launcher {
  /** Says why it still waits. */
  hear(event: LogEvent): void;
  /** Lets it go. */
  serving(): void;
}

export interface LauncherOptions {
  readonly format: (event: LogEvent) => string | undefined;
  /** It is gone, or has been told to give up. */
  readonly gone: () => void;
}

const TELLING: readonly LogEvent['event'][] = [
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
/** The launcher may be stopped, and not read. */
const RETRY_MS = 100;

/** undefined: none waits. */
export function waitingLauncher(
  fd: number | undefined,
  { format, gone }: LauncherOptions,
): Launcher | undefined {
  if (fd === undefined) return undefined;
  setBlocking(fd, false);
  const leaving = whenReadable(fd, () => {
    leaving[Symbol.dispose]();
    gone();
  });
  let waits = true;
  const tell = (event: LogEvent) => {
    const line = format(event) ?? statusOf(event);
    if (line !== undefined) send(fd, Buffer.from(`${line}\n`));
  };
  const explain = setTimeout(() => tell({ event: 'warning', message: WAITING }), SILENCE_MS);
  const letGo = () => {
    if (send(fd, Buffer.of(SERVING)) === 'full') setTimeout(letGo, RETRY_MS);
    else closeQuietly(fd);
  };
  return {
    hear: (event) => {
      if (waits && TELLING.includes(event.event)) tell(event);
    },
    serving: () => {
      waits = false;
      clearTimeout(explain);
      leaving[Symbol.dispose]();
      letGo();
    },
  };
}

/** The text log has no line for it. */
function statusOf(event: LogEvent): string | undefined {
  return event.event === 'worker-status' ? `the worker says: ${printable(event.text)}` : undefined;
}

function send(fd: number, bytes: Buffer): 'sent' | 'full' | 'gone' {
  try {
    writeSync(fd, bytes);
    return 'sent';
  } catch (error) {
    return errorCode(error) === 'EAGAIN' ? 'full' : 'gone';
  }
}
