// --ready=notify: the worker speaks for itself, in either of two dialects (notify-socket.ts, notify-pipe.ts). Each
// generation has its own socket and pipe, so that a late message of an old worker counts for nobody else.

import { platform } from '../posix/platform.ts';
import { inheritNotifyPipe, type NotifyPipe, type NotifySlot, openNotifyPipe } from './notify-pipe.ts';
import { inheritNotifySocket, type NotifySocket, openNotifySocket } from './notify-socket.ts';
import type { Watch, WatchWorker } from './readiness.ts';

/** `directory`: where the sockets are to lie. */
export function notifyWatch(slot: NotifySlot, directory: string): WatchWorker {
  return {
    open: (generation, saying) => {
      const pipe = openNotifyPipe(slot, saying);
      // The pipe alone where the kernel does not tell who sends a datagram.
      if (platform.SO_PASSCRED === 0) return both(pipe, undefined);
      try {
        return both(pipe, openNotifySocket(`${directory}/${generation}`, saying));
      } catch (error) {
        pipe[Symbol.dispose]();
        throw error;
      }
    },
    inherit: (pid, { pipe, socket }, saying) =>
      both(
        pipe && inheritNotifyPipe(pipe, saying),
        socket && inheritNotifySocket({ ...socket, worker: pid }, saying),
      ),
  };
}

function both(pipe: NotifyPipe | undefined, socket: NotifySocket | undefined): Watch {
  return {
    variables: new Map([...(pipe?.variables ?? []), ...(socket?.variables ?? [])]),
    begin: (pid) => {
      pipe?.begin();
      socket?.begin(pid);
    },
    handOver: () => ({ pipe: pipe?.handOver(), socket: socket?.handOver() }),
    [Symbol.dispose]: () => {
      socket?.[Symbol.dispose]();
      pipe?.[Symbol.dispose]();
    },
  };
}
