// The log command's pipe, when nobody reads from it: a worker that writes a line must not wait for ever. A pipe that has
// been full for as long as we are patient, and of which nobody has read, loses its older half, again and again, until
// somebody reads. Nothing wakes us while nothing is written.

import { closeSync, constants, openSync, readSync } from 'node:fs';
import { now } from '../posix/clock.ts';
import { capacityOf, type Pipe } from '../posix/file/pipe.ts';
import { canRead, canWrite } from '../posix/file/poll-now.ts';
import { whenReadable } from '../posix/libc/libc.ts';

import { pipeReader } from './pipe-reader.ts';

export interface OverflowOptions {
  /** How long a full pipe is left to its reader: one that frees no page of it in that time does not read. */
  readonly patienceMs: () => number;
  readonly warn: (message: string) => void;
}

/** Between two looks at a pipe that something lies in. */
const LOOK_MS = 1000;
/** Nobody reads from it, and it was full a moment ago: the next look comes after this, and then after twice as long each time. */
const FLOODED_LOOK_MS = 1;

export function dropOverflow({ read, write }: Pipe, { patienceMs, warn }: OverflowOptions): Disposable {
  const own = openAnew({ read, write });
  if (own === undefined) return { [Symbol.dispose]: () => {} };
  const half = Buffer.alloc(capacityOf(own.read) / 2);
  const dropped = tally(warn);
  const reader = pipeReader(own);
  let waiting: Disposable | undefined;
  let fullSince: number | undefined;
  /** Nobody reads: how long until the next look. */
  let stalled: number | undefined;

  const look = () => {
    const isRead = reader.hasRead();
    if (isRead && stalled !== undefined) dropped.tell();
    if (isRead) [stalled, fullSince] = [undefined, undefined];
    if (!canRead(own.read)) return rest();
    if (!canWrite(own.write)) return lookAtFull(isRead);
    fullSince = undefined;
    stalled = stalled && Math.min(2 * stalled, LOOK_MS);
    lookIn(stalled ?? LOOK_MS);
  };
  const lookAtFull = (isRead: boolean) => {
    fullSince ??= now();
    reader.watch();
    const isPatient = isRead || now() - fullSince < patienceMs();
    if (stalled === undefined && isPatient) return lookIn(LOOK_MS);
    stalled = FLOODED_LOOK_MS;
    dropped.add(half.subarray(0, readNow(own.read, half)));
    reader.forget();
    lookIn(stalled);
  };
  const lookIn = (ms: number) => {
    const timer = setTimeout(look, ms);
    waiting = { [Symbol.dispose]: () => clearTimeout(timer) };
  };
  const rest = () => {
    const writing = whenReadable(own.read, () => {
      writing[Symbol.dispose]();
      lookIn(LOOK_MS);
    });
    waiting = writing;
  };
  rest();
  return {
    [Symbol.dispose]: () => {
      waiting?.[Symbol.dispose]();
      reader.forget();
      closeSync(own.read);
      closeSync(own.write);
    },
  };
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

function tally(warn: (message: string) => void) {
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
