// $NOTIFY_SOCKET: sd_notify(3) datagrams. Whoever knows the path can send one, so the kernel is asked who did: only the
// worker and its descendants are heard.

import { closeQuietly } from '../posix/file/descriptor.ts';
import type { Environment } from '../posix/process/caller.ts';
import { descendsFrom } from '../posix/process/descent.ts';
import { receiveDatagram } from '../posix/socket/datagram.ts';
import { readMessage } from './notify-words.ts';
import { readInMeasure } from './read-in-measure.ts';
import type { InheritedSocket, WatchCallbacks } from './readiness.ts';

export interface NotifySocket extends Disposable {
  readonly variables: Environment;
  begin(pid: number): void;
  forSuccessor(): InheritedSocket;
}

/** Within a tenth of a second. */
const MOST_MESSAGES = 64;

export interface OpenSocket extends InheritedSocket {
  /** Its pid, 0 before its spawn. */
  readonly worker: number;
  /** Removes the file. */
  readonly remove: () => void;
}

export function notifySocket(
  { fd, path, worker, remove }: OpenSocket,
  callbacks: WatchCallbacks,
): NotifySocket {
  let heard = worker;
  const take = (): boolean => {
    const datagram = receiveDatagram(fd);
    if (datagram === undefined) return false;
    const { ready, status, main } = readMessage(datagram.text ?? '');
    if (!ready && status === undefined && main === undefined) return true;
    if (heard === 0 || !descendsFrom(datagram.pid, heard)) return true;
    if (status !== undefined) callbacks.status(status);
    if (main !== undefined) callbacks.main(main);
    if (ready) callbacks.ready();
    return true;
  };
  const reading = readInMeasure(fd, { read: take, most: MOST_MESSAGES });
  return {
    variables: new Map([['NOTIFY_SOCKET', path]]),
    begin: (pid) => {
      heard = pid;
    },
    forSuccessor: () => ({ fd, path }),
    [Symbol.dispose]: () => {
      reading[Symbol.dispose]();
      closeQuietly(fd);
      remove();
    },
  };
}
