// Whoever talks without end is not listened to without end: the rest of it waits where it is, and its sender with it.

import { now } from '../posix/clock.ts';
import { canRead } from '../posix/file/poll-now.ts';
import { whenReadable } from '../posix/libc/libc.ts';

const WINDOW_MS = 100;

export interface Reading {
  /** Looks for one piece, and takes it; false when the next look has to wait until something is there. */
  readonly read: () => boolean;
  /** Looks within a tenth of a second; then nobody looks until the next one. */
  readonly most: number;
}

export interface Reader extends Disposable {
  /** Takes what is there, without waiting for the event loop. */
  look(): void;
}

/** Reads what comes at a descriptor that does not block, until it is disposed of, which `read` may do. */
export function readInMeasure(fd: number, { read, most }: Reading): Reader {
  let open = true;
  let watching: Disposable | undefined;
  let resting: NodeJS.Timeout | undefined;
  let window = { from: now(), looks: 0 };
  const mayLook = () => {
    if (now() - window.from >= WINDOW_MS) window = { from: now(), looks: 0 };
    window.looks += 1;
    return window.looks <= most;
  };
  const take = () => {
    while (open && mayLook()) if (!read()) return;
    if (!open) return;
    watching?.[Symbol.dispose]();
    resting = setTimeout(watch, WINDOW_MS);
  };
  const watch = () => {
    resting = undefined;
    watching = whenReadable(fd, take);
  };
  watch();
  return {
    look: () => {
      if (open && resting === undefined && canRead(fd)) take();
    },
    [Symbol.dispose]: () => {
      open = false;
      clearTimeout(resting);
      watching?.[Symbol.dispose]();
    },
  };
}
