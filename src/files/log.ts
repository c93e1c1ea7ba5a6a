// Our lines, written by sonic-boom, pino's destination, through libuv's threads, in order: a reader of standard error that stalls
// never blocks the loop. (O_NONBLOCK is no way out: the workers share the file description.)

import { toBytes } from '../posix/bytes.ts';
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
  let destination: ReturnType<typeof openDestination> | undefined;
  let unwritten = begins;
  const waiting: LogEvent[] = [];
  let held = false;
  let writing = false;
  let whenIdle = () => {};
  const settle = () => {
    if (!writing && waiting.length === 0) whenIdle();
  };
  const written = () => {
    writing = false;
    settle();
  };
  const inText = () => {
    for (const entry of waiting.splice(0)) {
      const line = format(entry);
      if (line !== undefined) unwritten += `${line}\n`;
    }
    return unwritten;
  };
  const pass = async () => {
    // Loaded for the first line: it has no part in a start.
    destination ??= openDestination(fd, written);
    const { write } = await destination;
    if (held) return;
    const lines = toBytes(inText());
    unwritten = '';
    writing ||= lines.length > 0;
    if (lines.length > 0) write(lines);
    settle();
  };
  if (begins !== '') setImmediate(pass);
  return {
    write: (entry) => {
      // After the act at hand: formatting, and waking a thread to write, would come before the worker that the line tells of.
      if (waiting.length === 0) setImmediate(pass);
      waiting.push(entry);
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
        text: inText,
        [Symbol.dispose]: () => {
          held = false;
          setImmediate(pass);
        },
      };
    },
  };
}

async function openDestination(fd: number, written: () => void) {
  const { SonicBoom } = await import('sonic-boom');
  const destination = new SonicBoom({ fd, sync: false, contentMode: 'buffer', maxLength: MAX_BUFFERED });
  destination.on('drain', written);
  // A log that cannot be written must not end the service, and there is nowhere to report it.
  destination.on('error', written);
  // contentMode 'buffer' takes bytes.
  return { write: (lines: Buffer) => void destination.write(lines as unknown as string) };
}
