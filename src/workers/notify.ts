// --ready=notify: the worker speaks for itself, in either of two dialects (notify-socket.ts, notify-pipe.ts). Each
// generation has its own socket and pipe, so that a late message of an old worker counts for nobody else.

import type { NotifyDirectory } from './notify-directory.ts';
import { inheritNotifyPipe, type NotifyPipe, type NotifySlot, openNotifyPipe } from './notify-pipe.ts';
import { type NotifySocket, notifySocket } from './notify-socket.ts';
import type { InheritedSocket, Watch, WatchCallbacks, WatchWorker } from './readiness.ts';

/** `directory`: where the sockets lie; undefined: the kernel does not tell who sends a datagram, so there are none. */
export function notifyWatch(slot: NotifySlot, directory: NotifyDirectory | undefined): WatchWorker {
  const listen = (socket: InheritedSocket | undefined, worker: number, callbacks: WatchCallbacks) =>
    socket && notifySocket({ ...socket, worker, remove: () => directory?.remove(socket.path) }, callbacks);
  return {
    open: (generation, callbacks) => {
      const pipe = openNotifyPipe(slot, callbacks);
      return both(pipe, listen(directory?.open(generation), 0, callbacks));
    },
    inherit: (pid, { pipe, socket }, callbacks) =>
      both(pipe && inheritNotifyPipe(pipe, callbacks), listen(socket, pid, callbacks)),
  };
}

function both(pipe: NotifyPipe | undefined, socket: NotifySocket | undefined): Watch {
  return {
    variables: new Map([...(pipe?.variables ?? []), ...(socket?.variables ?? [])]),
    begin: (pid) => {
      pipe?.begin();
      socket?.begin(pid);
    },
    forSuccessor: () => ({ pipe: pipe?.forSuccessor(), socket: socket?.forSuccessor() }),
    [Symbol.dispose]: () => {
      socket?.[Symbol.dispose]();
      pipe?.[Symbol.dispose]();
    },
  };
}
