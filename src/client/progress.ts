// What a client shows while it waits: the superdaemon's lines, and on a terminal a last line that lives.

import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { printable, printableLines } from '../printable.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { logLine } from '../superdaemon/log-line.ts';

export interface Progress extends Disposable {
  show(event: LogEvent): void;
  /** A line of our own. */
  say(line: string): void;
}

const STDERR = 2;
const REDRAW_MS = 100;
const CLEAR_LINE = '\r\u001b[2K';

/** `describe` says what is waited for. */
export function openProgress(quiet: boolean, describe: () => string): Progress {
  if (quiet) return { show: () => {}, say: () => {}, [Symbol.dispose]: () => {} };
  const live = isatty(STDERR) ? liveLine(describe) : undefined;
  const write = (line: string) => {
    print(`${live === undefined ? '' : CLEAR_LINE}${line}\n`);
    live?.draw();
  };
  const show = (event: LogEvent) => {
    const line = logLine(event);
    // A stack is of several lines, and any other event of one, whatever the names in it hold.
    if (line !== undefined) write(event.event === 'internal-error' ? printableLines(line) : printable(line));
    else live?.draw();
  };
  return { show, say: (line) => write(printable(line)), [Symbol.dispose]: () => live?.[Symbol.dispose]() };
}

interface LiveLine extends Disposable {
  draw(): void;
}

function liveLine(describe: () => string): LiveLine {
  const startedAt = performance.now();
  const draw = () => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    print(`${CLEAR_LINE}${printable(describe())} … ${seconds} s`);
  };
  const redraw = setInterval(draw, REDRAW_MS);
  return {
    draw,
    [Symbol.dispose]: () => {
      clearInterval(redraw);
      print(CLEAR_LINE);
    },
  };
}

function print(text: string): void {
  try {
    writeSync(STDERR, text);
  } catch {
    // Nobody is there to see it.
  }
}
