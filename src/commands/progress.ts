// What a client shows while it waits: the superdaemon's lines, and on a terminal a last line that lives.

import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { type LogEvent, logLine } from '../superdaemon/log-event.ts';

export interface Progress extends Disposable {
  show(event: LogEvent): void;
}

const STDERR = 2;
const REDRAW_MS = 100;
const CLEAR_LINE = '\r\u001b[2K';

/** `describe` says what is waited for. */
export function openProgress(quiet: boolean, describe: () => string): Progress {
  if (quiet) return { show: () => {}, [Symbol.dispose]: () => {} };
  if (!isatty(STDERR)) return { show: (event) => print(textOf(event)), [Symbol.dispose]: () => {} };
  const startedAt = performance.now();
  const draw = () => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    print(`${CLEAR_LINE}${describe()} … ${seconds} s`);
  };
  const redraw = setInterval(draw, REDRAW_MS);
  return {
    show: (event) => {
      print(`${CLEAR_LINE}${textOf(event)}`);
      draw();
    },
    [Symbol.dispose]: () => {
      clearInterval(redraw);
      print(CLEAR_LINE);
    },
  };
}

function textOf(event: LogEvent): string {
  const line = logLine(event);
  return line === undefined ? '' : `${line}\n`;
}

function print(text: string): void {
  try {
    writeSync(STDERR, text);
  } catch {
    // Nobody is there to see it.
  }
}
