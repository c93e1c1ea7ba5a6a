// The keys that --watch knows, each heard as it is pressed: q and Ctrl-C end it, Ctrl-Z lets it stop.

import { isatty, ReadStream } from 'node:tty';

export interface Keys extends Disposable {
  /** Resolves with the exit status. */
  readonly quit: Promise<number>;
}

export interface Stage {
  /** Takes the screen. */
  enter(): void;
  /** Gives it back as it was. */
  leave(): void;
  /** It has been taken again after a stop. */
  back(): void;
}

const STDIN = 0;
const CTRL_C = '\u0003';
const CTRL_Z = '\u001a';

/** Takes the screen until it is disposed of. Where standard input is no terminal nobody can press a key. */
export function openKeys({ enter, leave, back }: Stage): Keys {
  const input = isatty(STDIN) ? new ReadStream(STDIN) : undefined;
  const begin = () => {
    input?.setRawMode(true);
    enter();
  };
  const end = () => {
    leave();
    input?.setRawMode(false);
  };
  const goOn = () => {
    begin();
    back();
  };
  const quit = new Promise<number>((resolve) => {
    input?.setEncoding('latin1').on('error', () => {});
    input?.on('data', (pressed) => {
      for (const key of String(pressed)) {
        if (key === 'q' || key === 'Q' || key === CTRL_C) resolve(0);
        if (key === CTRL_Z) {
          end();
          process.kill(process.pid, 'SIGTSTP');
        }
      }
    });
  });
  process.on('SIGCONT', goOn);
  begin();
  return {
    quit,
    [Symbol.dispose]: () => {
      process.off('SIGCONT', goOn);
      end();
      input?.destroy();
    },
  };
}
