// What a client shows while it waits: the superdaemon's lines, and on a terminal a last line that lives.

import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { liveLine } from '../control/live-line.ts';
import { printable, printableLines } from '../printable.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { logLine } from '../superdaemon/log-line.ts';

export interface Progress extends Disposable {
  show(event: LogEvent): void;
  /** A line of our own. */
  say(line: string): void;
}

const STDERR = 2;

/** `describe` says what is waited for. */
export function openProgress(quiet: boolean, describe: () => string): Progress {
  if (quiet) return { show: () => {}, say: () => {}, [Symbol.dispose]: () => {} };
  const live = isatty(STDERR) ? liveLine({ describe, print }) : undefined;
  const write = live?.above ?? ((line: string) => print(`${line}\n`));
  const show = (event: LogEvent) => {
    const line = logLine(event);
    // A stack is of several lines, and any other event of one, whatever the names in it hold.
    if (line !== undefined) write(event.event === 'internal-error' ? printableLines(line) : printable(line));
    else live?.draw();
  };
  return { show, say: (line) => write(printable(line)), [Symbol.dispose]: () => live?.[Symbol.dispose]() };
}

function print(text: string): void {
  try {
    writeSync(STDERR, text);
  } catch {
    // Nobody is there to see it.
  }
}
