// --ready=notify: the worker speaks for itself, in either of two dialects (notify-socket.ts, notify-pipe.ts). Each
// generation has its own socket and pipe, so that a late message of an old worker counts for nobody else.

import { platform } from '../posix/platform.ts';
import { type NotifySlot, openNotifyPipe } from './notify-pipe.ts';
import { openNotifySocket } from './notify-socket.ts';
import type { OpenWatch } from './readiness.ts';

/** `directory`: where the sockets are to lie. */
export function notifyWatch(slot: NotifySlot, directory: string): OpenWatch {
  return (generation, saying) => {
    const pipe = openNotifyPipe(slot, saying);
    // The pipe alone where the kernel does not tell who sends a datagram.
    if (platform.SO_PASSCRED === 0) return pipe;
    try {
      const socket = openNotifySocket(`${directory}/${generation}`, saying);
      return {
        variables: new Map([...pipe.variables, ...socket.variables]),
        begin: (pid) => {
          pipe.begin();
          socket.begin(pid);
        },
        [Symbol.dispose]: () => {
          socket[Symbol.dispose]();
          pipe[Symbol.dispose]();
        },
      };
    } catch (error) {
      pipe[Symbol.dispose]();
      throw error;
    }
  };
}
