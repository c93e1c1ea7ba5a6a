// $NOTIFY_SOCKET: sd_notify(3) datagrams. Whoever knows the path can send one, so the kernel is asked who did: only the
// worker and its descendants are heard.

import { closeQuietly } from '../posix/file/descriptor.ts';
import type { Environment } from '../posix/process/caller.ts';
import { descendsFrom } from '../posix/process/descent.ts';
import { receiveDatagram } from '../posix/socket/datagram.ts';
import type { NotifyDirectory } from './notify-directory.ts';
import { type Heard, readMessage } from './notify-words.ts';
import { type Reader, type Reading, readInMeasure } from './read-in-measure.ts';
import { type InheritedSocket, passOn, type WatchCallbacks } from './readiness.ts';

/** Within a tenth of a second. */
const MOST_MESSAGES = 64;

export interface SocketOwner {
  /** Its pid, 0 before its spawn. */
  readonly worker: number;
  /** Where the file lies. */
  readonly directory: Pick<NotifyDirectory, 'remove'> | undefined;
}

export class NotifySocket implements Reading, Disposable {
  readonly most = MOST_MESSAGES;
  readonly #socket: InheritedSocket;
  readonly #directory: SocketOwner['directory'];
  readonly #callbacks: WatchCallbacks;
  readonly #reading: Reader;
  #heard: number;

  constructor(socket: InheritedSocket, { worker, directory }: SocketOwner, callbacks: WatchCallbacks) {
    this.#socket = socket;
    this.#directory = directory;
    this.#callbacks = callbacks;
    this.#heard = worker;
    this.#reading = readInMeasure(socket.fd, this);
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
    return this.#socket;
  }

  read(): boolean {
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
    this.#directory?.remove(this.#socket.path);
  }
}

function isEmpty({ statuses, mains, alive, replace }: Heard): boolean {
  return statuses.length === 0 && mains.length === 0 && !alive && !replace;
}
