// Whoever talks without end is not listened to without end: the rest of it waits where it is, and its sender with it.

import { now } from '../posix/clock.ts';
import { canRead } from '../posix/file/poll-now.ts';
import { whenReadable } from '../posix/libc/libc-poll.ts';

const WINDOW_MS = 100;

export interface Reading {
  /** Looks for one piece, and takes it; false when the next look has to wait until something is there. */
  read(): boolean;
  /** Looks within a tenth of a second; then nobody looks until the next one. */
  readonly most: number;
}

export interface Reader extends Disposable {
  /** Takes what is there, without waiting for the event loop. */
  look(): void;
}

/** Reads what comes at a descriptor that does not block, until it is disposed of, which `read` may do. */
export function readInMeasure(fd: number, reading: Reading): Reader {
  return new MeasuredReader(fd, reading);
}

/** A class, for it lives as long as its worker: of a closure for each act a pool would have thousands. */
class MeasuredReader implements Reader {
  readonly #fd: number;
  readonly #reading: Reading;
  #open = true;
  #watching: Disposable | undefined;
  #resting: NodeJS.Timeout | undefined;
  #windowFrom = now();
  #looks = 0;

  constructor(fd: number, reading: Reading) {
    this.#fd = fd;
    this.#reading = reading;
    this.#watch();
  }

  look(): void {
    if (this.#open && this.#resting === undefined && canRead(this.#fd)) this.#take();
  }

  #watch(): void {
    this.#resting = undefined;
    this.#watching = whenReadable(this.#fd, () => this.#take());
  }

  #take(): void {
    while (this.#open && this.#mayLook()) if (!this.#reading.read()) return;
    if (!this.#open) return;
    this.#watching?.[Symbol.dispose]();
    this.#resting = setTimeout(() => this.#watch(), WINDOW_MS);
  }

  #mayLook(): boolean {
    if (now() - this.#windowFrom >= WINDOW_MS) {
      this.#windowFrom = now();
      this.#looks = 0;
    }
    this.#looks += 1;
    return this.#looks <= this.#reading.most;
  }

  [Symbol.dispose](): void {
    this.#open = false;
    clearTimeout(this.#resting);
    this.#watching?.[Symbol.dispose]();
  }
}
