// What --watch shows its frames on: a terminal, in place, or whoever reads its output, one behind the other.

import { writeSync } from 'node:fs';
import { constants } from 'node:os';
import { isatty } from 'node:tty';
import { writeAnswer } from '../files/write-answer.ts';
import { after } from '../posix/clock.ts';
import type { Environment } from '../posix/process/caller.ts';
import { openKeys } from './keys.ts';
import type { Look } from './styled.ts';

export interface Screen extends Disposable {
  readonly look: Look;
  /** Lines; Infinity where they do not matter. */
  readonly rows: number;
  /** Throws StartupError where it cannot be written. */
  show(lines: readonly string[]): void;
  /** Resolves with the exit status once nobody wants to see more. */
  readonly quit: Promise<number>;
  /** Resolves after that time, or, with true, as soon as the screen has to be drawn anew. */
  pause(ms: number): Promise<boolean>;
}

const STDOUT = 1;

export function openScreen(environment: Environment): Screen {
  if (!isatty(STDOUT) || environment.get('TERM') === 'dumb') return pages();
  return terminal(!environment.get('NO_COLOR'));
}

function pages(): Screen {
  return {
    look: { colour: false },
    rows: Number.POSITIVE_INFINITY,
    show: (lines) => writeAnswer([...lines, ''].join('\n')),
    // It ends by a signal, or when its reader has gone.
    quit: new Promise<never>(() => {}),
    pause: (ms) => new Promise((resolve) => void after(ms, () => resolve(false))),
    [Symbol.dispose]: () => {},
  };
}

/** The alternate screen, without a cursor; what is too wide does not go on in the next line. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l';
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_TO_EDGE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

function terminal(colour: boolean): Screen {
  // Node's own stream of it: no other is told of a new size.
  const { stdout } = process;
  let redraw = () => {};
  const keys = openKeys({
    enter: () => print(ENTER),
    leave: () => print(LEAVE),
    back: () => redraw(),
  });
  stdout.on('resize', () => redraw());
  return {
    get look() {
      return { colour, columns: stdout.columns };
    },
    get rows() {
      return stdout.rows;
    },
    show: (lines) => {
      const shown = lines.map((line) => `${line}${CLEAR_TO_EDGE}`).join('\r\n');
      print(`${HOME}${shown}${CLEAR_BELOW}`);
    },
    quit: Promise.race([keys.quit, ended()]),
    pause: (ms) =>
      new Promise((resolve) => {
        const alarm = after(ms, () => resolve(false));
        redraw = () => {
          alarm[Symbol.dispose]();
          resolve(true);
        };
      }),
    [Symbol.dispose]: keys[Symbol.dispose],
  };
}

/** The terminal has to be put right before a signal ends us. */
function ended(): Promise<number> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => resolve(128 + constants.signals[signal]));
  });
}

/** A terminal that has gone says so by HUP. */
function print(text: string): void {
  try {
    writeSync(STDOUT, text);
  } catch {
    // Nobody is there to see it.
  }
}
