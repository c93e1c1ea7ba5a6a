// Our lines, written through libuv's threads, in order: a reader of standard error that stalls never blocks the loop.
// (O_NONBLOCK is no way out: the workers share the file description.) What a full disk refuses is kept, and tried again.

import { write } from 'node:fs';
import { fromBytes, toBytes } from '../posix/libc/bytes.ts';
import { errorCode, reason } from '../posix/libc/system-error.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';

/** The line that an event is, without its end; undefined: none. */
export type LogFormat = (entry: LogEvent, at: number) => string | undefined;

export interface DatedEvent {
  readonly event: LogEvent;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface LogWriter {
  write(entries: readonly DatedEvent[]): void;
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
  return new WaitingLines(fd, format, begins);
}

class WaitingLines implements LogWriter {
  readonly #fd: number;
  readonly #format: LogFormat;
  #waiting: string;
  #dropped = 0;
  #refusal: string | undefined;
  #retry: NodeJS.Timeout | undefined;
  #held = false;
  #writing = false;
  #whenIdle = () => {};

  constructor(fd: number, format: LogFormat, begins: string) {
    this.#fd = fd;
    this.#format = format;
    this.#waiting = begins;
    this.#pass();
  }

  write(entries: readonly DatedEvent[]): void {
    for (const entry of entries) this.#add(entry);
    this.#pass();
  }

  flush(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#whenIdle = () => resolve(true);
      setTimeout(() => resolve(false), FLUSH_LIMIT_MS);
      this.#settle();
    });
  }

  hold(): HeldLog {
    this.#held = true;
    return {
      text: () => this.#waiting,
      [Symbol.dispose]: () => {
        this.#held = false;
        this.#pass();
      },
    };
  }

  #add({ event, at }: DatedEvent): void {
    const line = this.#format(event, at);
    if (line === undefined) return;
    if (this.#waiting.length + line.length < MAX_WAITING) this.#waiting += `${line}\n`;
    else this.#dropped += 1;
  }

  #pass(): void {
    if (this.#held || this.#writing || this.#retry !== undefined || this.#waiting === '') return;
    const bytes = toBytes(this.#waiting);
    this.#waiting = '';
    this.#writing = true;
    write(this.#fd, bytes, 0, bytes.length, null, (error, length) => {
      this.#writing = false;
      if (error === null) this.#wrote(bytes.subarray(length));
      else this.#refused(bytes, error);
      this.#settle();
      this.#pass();
    });
  }

  #wrote(rest: Buffer): void {
    this.#waiting = fromBytes(rest) + this.#waiting;
    const why = this.#refusal ?? 'nobody read the log';
    if (this.#dropped > 0) this.#add(warning(`${why}, lines that had to be dropped: ${this.#dropped}`));
    this.#dropped = 0;
    this.#refusal = undefined;
  }

  #refused(bytes: Buffer, error: Error): void {
    if (GONE.includes(errorCode(error) ?? '')) return;
    this.#refusal = reason(error);
    this.#waiting = fromBytes(bytes) + this.#waiting;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#pass();
    }, RETRY_MS);
  }

  #settle(): void {
    if (!this.#writing && (this.#waiting === '' || this.#held || this.#retry !== undefined)) this.#whenIdle();
  }
}

function warning(message: string): DatedEvent {
  return { event: { event: 'warning', message }, at: Date.now() };
}
