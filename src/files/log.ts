// Our lines, written by sonic-boom, pino's destination, through libuv's threads, in order: a reader of standard error that stalls
// never blocks the loop. (O_NONBLOCK is no way out: the workers share the file description.)

import { toBytes } from '../posix/bytes.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';

/** The line that an event is, without its end; undefined: none. */
export type LogFormat = (entry: LogEvent) => string | undefined;

export interface LogWriter {
  write(entries: readonly LogEvent[]): void;
  /** Resolves when all is written, or to false when a stalled reader has had its time. */
  flush(): Promise<boolean>;
  /** From now on lines wait until it is disposed of. */
  hold(): HeldLog;
}

export interface HeldLog extends Disposable {
  /** The lines that wait. */
  text(): string;
}

/** For a reader that stalls this many bytes are kept; what comes on top is dropped. */
const MAX_BUFFERED = 1 << 20;
const FLUSH_LIMIT_MS = 1000;

/** `begins`: the lines that the program before this one has not written. */
export function openLog(fd: number, format: LogFormat, begins = ''): LogWriter {
  let opening = false;
  let destination: Destination | undefined;
  let unwritten = begins;
  let held = false;
  let writing = false;
  let whenIdle = () => {};
  const settle = () => {
    if (!writing && unwritten === '') whenIdle();
  };
  const written = () => {
    writing = false;
    settle();
  };
  const open = async () => {
    opening = true;
    destination = await openDestination(fd, written);
    pass();
  };
  const pass = () => {
    if (held || unwritten === '') return;
    if (destination === undefined) {
      // Loaded for the first line: it has no part in a start.
      if (!opening) open();
      return;
    }
    writing = true;
    destination.write(toBytes(unwritten));
    unwritten = '';
  };
  pass();
  return {
    write: (entries) => {
      for (const entry of entries) {
        const line = format(entry);
        if (line !== undefined) unwritten += `${line}\n`;
      }
      pass();
    },
    flush: () =>
      new Promise((resolve) => {
        // Not destination.flush(): without a minLength it calls back before anything is written.
        whenIdle = () => resolve(true);
        setTimeout(() => resolve(false), FLUSH_LIMIT_MS);
        settle();
      }),
    hold: () => {
      held = true;
      return {
        text: () => unwritten,
        [Symbol.dispose]: () => {
          held = false;
          pass();
        },
      };
    },
  };
}

interface Destination {
  write(lines: Buffer): void;
}

async function openDestination(fd: number, written: () => void): Promise<Destination> {
  const { SonicBoom } = await import('sonic-boom');
  const destination = new SonicBoom({ fd, sync: false, contentMode: 'buffer', maxLength: MAX_BUFFERED });
  destination.on('drain', written);
  // A log that cannot be written must not end the service, and there is nowhere to report it.
  destination.on('error', written);
  // contentMode 'buffer' takes bytes.
  return { write: (lines: Buffer) => void destination.write(lines as unknown as string) };
}
