// What the event loop says of a descriptor that Node has no stream for.

import { koffi } from './koffi.cjs';

/** Calls `act` from the event loop as long as something waits to be read, or the other end is closed; `failed` when that throws. */
export function whenReadable(fd: number, act: () => void, failed = nothing): Disposable {
  return new Polling(fd, { readable: true, disconnect: true }, act, failed);
}

/** Calls `act` once, from the event loop, as soon as there is room to write. */
export function whenWritable(fd: number, act: () => void): Disposable {
  const polling = new Polling(fd, { writable: true }, () => {
    polling[Symbol.dispose]();
    act();
  });
  return polling;
}

/** A class, for there are two for each worker. */
class Polling implements Disposable {
  #handle: ReturnType<typeof koffi.node.poll> | undefined;

  constructor(
    fd: number,
    events: { readonly readable?: true; readonly disconnect?: true; readonly writable?: true },
    act: () => void,
    failed = nothing,
  ) {
    this.#handle = koffi.node.poll(fd, events, () => {
      try {
        act();
      } catch (error) {
        // Out of a callback of koffi's it would be lost, or abort the process (koffi 3.3).
        setImmediate(rethrow, error);
        failed();
      }
      // From Node 26.4 on promise jobs are not run behind a callback of koffi's (nodejs/node#62969): behind this one they are.
      setImmediate(nothing);
    });
  }

  [Symbol.dispose](): void {
    const handle = this.#handle;
    // Closing it twice crashes the process (koffi 3.3).
    this.#handle = undefined;
    handle?.stop();
    handle?.close();
  }
}

function nothing(): void {}

function rethrow(error: unknown): never {
  throw error;
}
