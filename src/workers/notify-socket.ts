// $NOTIFY_SOCKET: sd_notify(3) datagrams. Whoever knows the path can send one, so the kernel is asked who did: only the
// worker and its descendants are heard.

import { closeQuietly } from '../posix/file/descriptor.ts';
import type { Environment } from '../posix/process/caller.ts';
import { descendsFrom } from '../posix/process/descent.ts';
import { receiveDatagram } from '../posix/socket/datagram.ts';
import { type Heard, readMessage } from './notify-words.ts';
import { type Reader, readInMeasure } from './read-in-measure.ts';
import { type InheritedSocket, passOn, type WatchCallbacks } from './readiness.ts';

/** Within a tenth of a second. */
const MOST_MESSAGES = 64;

export interface OpenSocket extends InheritedSocket {
  /** Its pid, 0 before its spawn. */
  readonly worker: number;
  /** Removes the file. */
  readonly remove: () => void;
}

export class NotifySocket implements Disposable {
  readonly #socket: OpenSocket;
  readonly #callbacks: WatchCallbacks;
  readonly #reading: Reader;
  #heard: number;

  constructor(socket: OpenSocket, callbacks: WatchCallbacks) {
    this.#socket = socket;
    this.#callbacks = callbacks;
    this.#heard = socket.worker;
    this.#reading = readInMeasure(socket.fd, { read: () => this.#take(), most: MOST_MESSAGES });
  }

  get variables(): Environment {
    return new Map([['NOTIFY_SOCKET', this.#socket.path]]);
  }

  begin(pid: number): void {
    this.#heard = pid;
  }

  look(): void {
    this.#reading.look();
  }

  forSuccessor(): InheritedSocket {
    const { fd, path } = this.#socket;
    return { fd, path };
  }

  #take(): boolean {
    const datagram = receiveDatagram(this.#socket.fd);
    if (datagram === undefined) return false;
    const { ready, ...heard } = readMessage(datagram.text ?? '');
    if (!ready && isEmpty(heard)) return true;
    if (this.#heard === 0 || !descendsFrom(datagram.pid, this.#heard)) return true;
    passOn(heard, this.#callbacks);
    if (ready) this.#callbacks.ready();
    return true;
  }

  [Symbol.dispose](): void {
    this.#reading[Symbol.dispose]();
    closeQuietly(this.#socket.fd);
    this.#socket.remove();
  }
}

function isEmpty({ statuses, mains, alive, replace }: Heard): boolean {
  return statuses.length === 0 && mains.length === 0 && !alive && !replace;
}
