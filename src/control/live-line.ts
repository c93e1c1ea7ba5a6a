// On a terminal: a last line that lives. It says what is waited for, and for how long.

import { printable } from '../printable.ts';

export interface LiveLine extends Disposable {
  draw(): void;
  /** A line above it. */
  above(line: string): void;
}

export interface LiveLineWorld {
  /** What is waited for. */
  readonly describe: () => string;
  readonly print: (text: string) => void;
}

const REDRAW_MS = 100;
const CLEAR_LINE = '\r\u001b[2K';

export function liveLine({ describe, print }: LiveLineWorld): LiveLine {
  const startedAt = performance.now();
  const draw = () => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    print(`${CLEAR_LINE}${printable(describe())} … ${seconds} s`);
  };
  const redraw = setInterval(draw, REDRAW_MS);
  return {
    draw,
    above: (line) => {
      print(`${CLEAR_LINE}${line}\n`);
      draw();
    },
    [Symbol.dispose]: () => {
      clearInterval(redraw);
      print(CLEAR_LINE);
    },
  };
}
