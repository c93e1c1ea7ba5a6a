// The daemon's end of the connection to its launcher, which waits. Whoever waits for that is shown what happens meanwhile, as
// a client would show it; when it is gone before anybody serves, nobody wants the daemon any more.

import { writeSync } from 'node:fs';
import { liveLine } from '../control/live-line.ts';
import { poolView } from '../control/pool-view.ts';
import { workerActivity } from '../control/worker-activity.ts';
import type { LogFormat } from '../files/log.ts';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { whenReadable } from '../posix/libc/libc-poll.ts';
import { printable } from '../printable.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { logMessage } from '../superdaemon/log-message.ts';

/** What the launcher is told. */
export const SERVING = 'serving';
/** What it says, if anything: nobody wants the daemon any more. */
export const END = 'end';

export interface Launcher extends Disposable {
  /** Shows it. */
  onEvent(event: LogEvent, at: number): void;
  /** Lets it go. */
  serving(): void;
}

export interface LauncherOptions {
  /** Of a pool. */
  readonly workers: number | undefined;
  readonly format: LogFormat;
  readonly onTerminal: boolean;
  readonly tell: (text: string) => void;
  /** It is gone, or has been told to give up. */
  readonly gone: () => void;
}

/** A start that takes no longer has nothing to explain. */
const SILENCE_MS = 3000;
const WAITING = 'no worker has started yet, still waiting (INT or TERM gives up, and ends the daemon)';

export function waitingLauncher(fd: number, options: LauncherOptions): Launcher {
  const leaving = whenReadable(fd, () => {
    leaving[Symbol.dispose]();
    options.gone();
  });
  const shown = progress(options);
  const explain = setTimeout(
    () => shown.onEvent({ event: 'warning', message: WAITING }, Date.now()),
    SILENCE_MS,
  );
  const rest = () => {
    clearTimeout(explain);
    shown[Symbol.dispose]();
  };
  return {
    onEvent: shown.onEvent,
    serving: () => {
      rest();
      leaving[Symbol.dispose]();
      sendServing(fd);
    },
    [Symbol.dispose]: rest,
  };
}

/** Until it is disposed of. What is said before the first event is said by the set-up, directly. */
function progress({ workers, format, onTerminal, tell }: LauncherOptions): Omit<Launcher, 'serving'> {
  const pool = poolView(workers);
  let activity = 'no worker has been started yet';
  let live: ReturnType<typeof liveLine> | undefined;
  let waits = true;
  return {
    onEvent: (event, at) => {
      if (!waits) return;
      pool.take(event);
      activity = workerActivity(event) ?? activity;
      if (onTerminal) live ??= liveLine({ describe: () => pool.describe() + activity, print: tell });
      const line =
        format(event, at) ?? (event.event === 'worker-status' ? printable(logMessage(event)) : undefined);
      if (line === undefined) live?.draw();
      else if (live === undefined) tell(`${line}\n`);
      else live.above(line);
    },
    [Symbol.dispose]: () => {
      waits = false;
      live?.[Symbol.dispose]();
      live = undefined;
    },
  };
}

function sendServing(fd: number): void {
  try {
    writeSync(fd, SERVING);
  } catch {
    // It did not wait.
  }
  closeQuietly(fd);
}
