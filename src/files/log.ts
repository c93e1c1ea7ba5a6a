// Our lines, written through libuv's threads, in order: a reader of standard error that stalls never blocks the loop.
// (O_NONBLOCK is no way out: the workers share the file description.) What a full disk refuses is kept, and tried again.

import { write } from 'node:fs';
import { fromBytes, toBytes } from '../posix/libc/bytes.ts';
import { errorCode, reason } from '../posix/libc/system-error.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';

/** The line that an event is, without its end; undefined: none. */
export type LogFormat = (entry: LogEvent) => string | undefined;

export interface LogWriter {
  write(entries: readonly LogEvent[]): void;
  /**
   * Resolves when no write is under way: all is written, or waits, held or for want of room. To false when a stalled reader has
   * had its time: nobody knows what of the write that is under way it will have got.
   */
  flush(): Promise<boolean>;
  /** From now on no write begins, until it is disposed of. */
  hold(): HeldLog;
}

export interface HeldLog extends Disposable {
  /** The lines that wait. */
  text(): string;
}

/** While nothing can be written so many characters are kept; the lines that come on top are dropped. */
const MAX_WAITING = 1 << 20;
const FLUSH_LIMIT_MS = 1000;
const RETRY_MS = 1000;
/** Nobody will ever read it. */
const GONE = ['EPIPE', 'EIO', 'EBADF'];

/** `begins`: the lines that the predecessor has not written. */
export function openLog(fd: number, format: LogFormat, begins = ''): LogWriter {
  let waiting = begins;
  let dropped = 0;
  let refusal: string | undefined;
  let retry: NodeJS.Timeout | undefined;
  let held = false;
  let writing = false;
  let whenIdle = () => {};

  const add = (entry: LogEvent) => {
    const line = format(entry);
    if (line === undefined) return;
    if (waiting.length + line.length < MAX_WAITING) waiting += `${line}\n`;
    else dropped += 1;
  };
  const settle = () => {
    if (!writing && (waiting === '' || held || retry !== undefined)) whenIdle();
  };
  const pass = () => {
    if (held || writing || retry !== undefined || waiting === '') return;
    const bytes = toBytes(waiting);
    waiting = '';
    writing = true;
    write(fd, bytes, 0, bytes.length, null, (error, length) => {
      writing = false;
      if (error === null) wrote(bytes.subarray(length));
      else refused(bytes, error);
      settle();
      pass();
    });
  };
  const wrote = (rest: Buffer) => {
    waiting = fromBytes(rest) + waiting;
    if (dropped > 0)
      add(warning(`${refusal ?? 'nobody read the log'}, lines that had to be dropped: ${dropped}`));
    dropped = 0;
    refusal = undefined;
  };
  const refused = (bytes: Buffer, error: Error) => {
    if (GONE.includes(errorCode(error) ?? '')) return;
    refusal = reason(error);
    waiting = fromBytes(bytes) + waiting;
    retry = setTimeout(() => {
      retry = undefined;
      pass();
    }, RETRY_MS);
  };

  pass();
  return {
    write: (entries) => {
      for (const entry of entries) add(entry);
      pass();
    },
    flush: () =>
      new Promise((resolve) => {
        whenIdle = () => resolve(true);
        setTimeout(() => resolve(false), FLUSH_LIMIT_MS);
        settle();
      }),
    hold: () => {
      held = true;
      return {
        text: () => waiting,
        [Symbol.dispose]: () => {
          held = false;
          pass();
        },
      };
    },
  };
}

function warning(message: string): LogEvent {
  return { event: 'warning', message };
}
