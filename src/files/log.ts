// Our lines, written by sonic-boom, pino's destination, through libuv's threads, in order: a reader of standard error that stalls
// never blocks the loop. (O_NONBLOCK is no way out: the workers share the file description.)

import type { SonicBoom } from 'sonic-boom';
import { fromBytes, toBytes } from '../posix/bytes.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';

/** The line that an event is, without its end; undefined: none. */
export type LogFormat = (entry: LogEvent) => string | undefined;

export interface Log {
  write(entry: LogEvent): void;
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
export function openLog(fd: number, format: LogFormat, begins = ''): Log {
  let destination: Promise<SonicBoom> | undefined;
  let waiting: Buffer[] = [];
  let idle = true;
  let held = false;
  let whenIdle = () => {};
  const settle = () => {
    idle = waiting.length === 0;
    if (idle) whenIdle();
  };
  const pass = async () => {
    // Loaded for the first line: it has no part in a start.
    destination ??= openDestination(fd, settle);
    const opened = await destination;
    if (held || waiting.length === 0) return;
    const lines = Buffer.concat(waiting);
    waiting = [];
    opened.write(lines as unknown as string); // contentMode 'buffer' takes bytes
  };
  const append = (lines: string) => {
    // After the act at hand: waking a thread to write would come before the worker that the line tells of.
    if (waiting.length === 0) setImmediate(pass);
    waiting.push(toBytes(lines));
    idle = false;
  };
  if (begins !== '') append(begins);
  return {
    write: (entry) => {
      const line = format(entry);
      if (line !== undefined) append(`${line}\n`);
    },
    hold: () => {
      held = true;
      return {
        text: () => fromBytes(Buffer.concat(waiting)),
        [Symbol.dispose]: () => {
          held = false;
          setImmediate(pass);
        },
      };
    },
    flush: () =>
      new Promise((resolve) => {
        // Not destination.flush(): without a minLength it calls back before anything is written.
        whenIdle = () => resolve(true);
        if (idle) resolve(true);
        else setTimeout(() => resolve(false), FLUSH_LIMIT_MS);
      }),
  };
}

async function openDestination(fd: number, settle: () => void): Promise<SonicBoom> {
  const { SonicBoom } = await import('sonic-boom');
  const destination = new SonicBoom({ fd, sync: false, contentMode: 'buffer', maxLength: MAX_BUFFERED });
  destination.on('drain', settle);
  // A log that cannot be written must not end the service, and there is nowhere to report it.
  destination.on('error', settle);
  return destination;
}
