// --ready=notify, --watchdog: the worker speaks for itself, in either of two dialects (notify-socket.ts, notify-pipe.ts). Each
// generation has its own socket and pipe, so that a late message of an old worker counts for nobody else.

import type { Environment } from '../posix/process/caller.ts';
import type { NotifyDirectory } from './notify-directory.ts';
import { NotifyPipe, type NotifySlot, openNotifyPipe } from './notify-pipe.ts';
import { NotifySocket } from './notify-socket.ts';
import type { InheritedSocket, InheritedWatch, Watch, WatchCallbacks, WatchWorker } from './readiness.ts';

/** `directory`: where the sockets lie; undefined: the kernel does not tell who sends a datagram, so there are none. */
export function notifyWatch(
  slot: NotifySlot,
  directory: NotifyDirectory | undefined,
  watchdogMs: number | undefined,
): WatchWorker {
  const listen = (socket: InheritedSocket | undefined, worker: number, callbacks: WatchCallbacks) =>
    socket && new NotifySocket(socket, { worker, directory }, callbacks);
  return {
    open: (generation, callbacks) => {
      const pipe = openNotifyPipe(slot, callbacks);
      return new NotifyWatch(pipe, listen(directory?.open(generation), 0, callbacks), watchdogMs);
    },
    inherit: (pid, { pipe, socket }, callbacks) =>
      new NotifyWatch(pipe && new NotifyPipe(pipe, callbacks), listen(socket, pid, callbacks)),
  };
}

class NotifyWatch implements Watch {
  readonly #pipe: NotifyPipe | undefined;
  readonly #socket: NotifySocket | undefined;
  readonly #watchdogMs: number | undefined;

  constructor(pipe: NotifyPipe | undefined, socket: NotifySocket | undefined, watchdogMs?: number) {
    this.#watchdogMs = watchdogMs;
    this.#pipe = pipe;
    this.#socket = socket;
  }

  get variables(): Environment {
    const variables = new Map([...(this.#pipe?.variables ?? []), ...(this.#socket?.variables ?? [])]);
    if (this.#watchdogMs !== undefined) variables.set('WATCHDOG_USEC', String(this.#watchdogMs * 1000));
    return variables;
  }

  begin(pid: number): void {
    this.#pipe?.begin();
    this.#socket?.begin(pid);
  }

  look(): void {
    this.#socket?.look();
    this.#pipe?.look();
  }

  forSuccessor(): InheritedWatch {
    return { pipe: this.#pipe?.forSuccessor(), socket: this.#socket?.forSuccessor() };
  }

  [Symbol.dispose](): void {
    this.#socket?.[Symbol.dispose]();
    this.#pipe?.[Symbol.dispose]();
  }
}
