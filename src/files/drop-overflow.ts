// The log command's pipe, when nobody reads from it: a worker that writes a line must not wait for ever. A pipe that has
// been full for as long as we are patient, and of which nobody has read, loses its older half, again and again, until
// somebody reads. Nothing wakes us while nothing is written.

import { constants, openSync, readSync } from 'node:fs';
import { now } from '../posix/clock.ts';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { capacityOf, type Pipe } from '../posix/file/pipe.ts';
import { canRead, canWrite } from '../posix/file/poll-now.ts';
import { whenReadable } from '../posix/libc/libc-poll.ts';
import { type PipeReader, pipeReader } from './pipe-reader.ts';

export interface OverflowOptions {
  /** How long a full pipe is left to its reader: one that frees no page of it in that time does not read. */
  readonly patienceMs: () => number;
  readonly warn: (message: string) => void;
}

/** Between two looks at a pipe that something lies in. */
const LOOK_MS = 1000;
/** Nobody reads from it, and it was full a moment ago: the next look comes after this, and then after twice as long each time. */
const FLOODED_LOOK_MS = 1;

export function dropOverflow(pipe: Pipe, options: OverflowOptions): Disposable {
  const own = openAnew(pipe);
  return own === undefined ? { [Symbol.dispose]: () => {} } : new OverflowWatch(own, options);
}

/** Rests until something lies in the pipe, and then looks at it now and then until it is empty. */
class OverflowWatch implements Disposable {
  readonly #pipe: Pipe;
  readonly #patienceMs: () => number;
  readonly #half: Buffer;
  readonly #dropped: Tally;
  readonly #reader: PipeReader;
  #waiting: Disposable | undefined;
  #fullSince: number | undefined;
  /** Nobody reads: how long until the next look. */
  #stalled: number | undefined;

  constructor(pipe: Pipe, { patienceMs, warn }: OverflowOptions) {
    this.#pipe = pipe;
    this.#patienceMs = patienceMs;
    this.#half = Buffer.alloc(capacityOf(pipe.read) / 2);
    this.#dropped = tally(warn);
    this.#reader = pipeReader(pipe);
    this.#rest();
  }

  [Symbol.dispose](): void {
    this.#waiting?.[Symbol.dispose]();
    this.#reader.forget();
    closeQuietly(this.#pipe.read);
    closeQuietly(this.#pipe.write);
  }

  #look(): void {
    const isRead = this.#reader.hasRead();
    if (isRead) {
      if (this.#stalled !== undefined) this.#dropped.tell();
      [this.#stalled, this.#fullSince] = [undefined, undefined];
    }
    if (!canRead(this.#pipe.read)) return this.#rest();
    if (!canWrite(this.#pipe.write)) return this.#lookAtFull(isRead);
    this.#fullSince = undefined;
    this.#stalled = this.#stalled && Math.min(2 * this.#stalled, LOOK_MS);
    this.#lookIn(this.#stalled ?? LOOK_MS);
  }

  #lookAtFull(isRead: boolean): void {
    this.#fullSince ??= now();
    this.#reader.watch();
    const isPatient = isRead || now() - this.#fullSince < this.#patienceMs();
    if (this.#stalled === undefined && isPatient) return this.#lookIn(LOOK_MS);
    this.#stalled = FLOODED_LOOK_MS;
    this.#dropped.add(this.#half.subarray(0, readNow(this.#pipe.read, this.#half)));
    this.#reader.forget();
    this.#lookIn(this.#stalled);
  }

  #lookIn(ms: number): void {
    const timer = setTimeout(() => this.#look(), ms);
    this.#waiting = { [Symbol.dispose]: () => clearTimeout(timer) };
  }

  #rest(): void {
    const writing = whenReadable(this.#pipe.read, () => {
      writing[Symbol.dispose]();
      this.#lookIn(LOOK_MS);
    });
    this.#waiting = writing;
  }
}

/** Ends that do not wait; the flag would be the others', too, if they were the same open files. Linux only. */
function openAnew({ read, write }: Pipe): Pipe | undefined {
  try {
    return { read: openNow(read, constants.O_RDONLY), write: openNow(write, constants.O_WRONLY) };
  } catch {
    return undefined;
  }
}

function openNow(fd: number, mode: number): number {
  return openSync(`/proc/self/fd/${fd}`, mode | constants.O_NONBLOCK);
}

function readNow(fd: number, into: Buffer): number {
  try {
    return readSync(fd, into);
  } catch {
    // Somebody was quicker.
    return 0;
  }
}

const NEWLINE = 10;
/** The log would be full of it otherwise. */
const TELL_SPACING_MS = 60_000;

interface Tally {
  add(bytes: Buffer): void;
  tell(): void;
}

function tally(warn: (message: string) => void): Tally {
  let lines = 0;
  let toldAt = Number.NEGATIVE_INFINITY;
  const tell = () => {
    if (lines === 0) return;
    warn(`the log command does not read, lines that had to be dropped: ${lines}`);
    [lines, toldAt] = [0, now()];
  };
  return {
    tell,
    add: (bytes: Buffer) => {
      for (const byte of bytes) if (byte === NEWLINE) lines += 1;
      if (now() - toldAt >= TELL_SPACING_MS) tell();
    },
  };
}
