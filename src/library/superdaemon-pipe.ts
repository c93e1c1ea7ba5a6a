import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { pipeNumber } from './descriptor.ts';

/** The pipe in NOTIFY_FD, on which a worker speaks to the superdaemon. It stays open for what there is to say later. */
export interface SuperdaemonPipe {
  /** READY=1 has been said. */
  isReady: boolean;
  /** WATCHDOG=1 is said from time to time. */
  isBeating: boolean;
  /** Returns whether there is anybody to hear it. */
  write(text: string): boolean;
}

const KEY = Symbol.for('superdaemon.pipe');
/** One for the library and the preload, each of which is bundled by itself. */
const shared = globalThis as { [KEY]?: SuperdaemonPipe }; // What TypeScript cannot know of.

/** undefined when nobody has asked. Throws Error when NOTIFY_FD is not the number of an open pipe. */
export function superdaemonPipe(): SuperdaemonPipe | undefined {
  const text = process.env.NOTIFY_FD;
  if (text === undefined || text === '') return shared[KEY];
  // Removed first: whatever this program starts has another descriptor at that number.
  delete process.env.NOTIFY_FD;
  shared[KEY] = pipeAt(neverWaiting(pipeNumber(text)));
  return shared[KEY];
}

function pipeAt(fd: number): SuperdaemonPipe {
  let open = true;
  return {
    isReady: false,
    isBeating: false,
    write: (text) => {
      try {
        if (open) writeSync(fd, text);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code !== 'EPIPE' && code !== 'EAGAIN') throw error;
        // Nobody hears it any more; or somebody does not read, and then it is no use to say more.
        if (code === 'EPIPE') {
          open = false;
          closeSync(fd);
        }
      }
      return open;
    },
  };
}

/** A superdaemon that is stopped does not read: a worker must not wait for it in the middle of its work. */
function neverWaiting(fd: number): number {
  try {
    const own = openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
    closeSync(fd);
    return own;
  } catch {
    // Not on Linux, or as another user.
    return fd;
  }
}
