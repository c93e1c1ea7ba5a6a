// $NOTIFY_SOCKET: sd_notify(3) datagrams. Whoever knows the path can send one, so the kernel is asked who did: only the
// worker and its descendants are heard.

import type { Environment } from '../posix/caller.ts';
import { receiveDatagram } from '../posix/datagram.ts';
import { descendsFrom } from '../posix/descent.ts';
import { closeQuietly } from '../posix/descriptor.ts';
import { whenReadable } from '../posix/libc.ts';
import { readMessage } from './notify-words.ts';
import type { InheritedSocket, Saying } from './readiness.ts';

export interface NotifySocket extends Disposable {
  readonly variables: Environment;
  begin(pid: number): void;
  handOver(): InheritedSocket;
}

/** Messages that are read before the rest of us has its turn. */
const AT_ONCE = 64;

export interface OpenSocket extends InheritedSocket {
  /** Its pid, 0 before its spawn. */
  readonly worker: number;
  /** Removes the file. */
  readonly remove: () => void;
}

export function notifySocket({ fd, path, worker, remove }: OpenSocket, saying: Saying): NotifySocket {
  let heard = worker;
  let open = true;
  const take = (): boolean => {
    const datagram = receiveDatagram(fd);
    if (datagram === undefined) return false;
    const { ready, status } = readMessage(datagram.text ?? '');
    if (!ready && status === undefined) return true;
    if (heard === 0 || !descendsFrom(datagram.pid, heard)) return true;
    if (status !== undefined) saying.status(status);
    if (ready) saying.ready();
    return true;
  };
  const reading = whenReadable(fd, () => {
    for (let count = 0; open && count < AT_ONCE && take(); count += 1);
  });
  return {
    variables: new Map([['NOTIFY_SOCKET', path]]),
    begin: (pid) => {
      heard = pid;
    },
    handOver: () => ({ fd, path }),
    [Symbol.dispose]: () => {
      open = false;
      reading[Symbol.dispose]();
      closeQuietly(fd);
      remove();
    },
  };
}
