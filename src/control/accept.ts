// Takes the connections of a listening socket. Who finds no room waits in the kernel's queue, and costs nothing there.

import { closeQuietly, makePrivate } from '../posix/file/descriptor.ts';
import { accept, fcntl } from '../posix/libc/libc.ts';
import { whenReadable } from '../posix/libc/libc-poll.ts';
import { platform } from '../posix/libc/platform.ts';
import { errorCode } from '../posix/libc/system-error.ts';

export interface Acceptor extends Disposable {
  /** There is room again. */
  resume(): void;
}

export interface Admission {
  hasRoom(): boolean;
  /** Answers whether the connection is welcome; it is closed when not. */
  admit(connection: number): boolean;
}

/** In one turn of the loop: however fast others connect, all else that waits gets its turn. */
const MOST_AT_ONCE = 64;
/** What is short now (descriptors, memory) is so in the next turn, too. */
const SHORTAGE_MS = 1000;
/** A rest after so many in a row that were not welcome. */
const MOST_STRANGERS = 64;
const STRANGERS_MS = 20;

/** `fd` does not block. */
export function acceptor(fd: number, { hasRoom, admit }: Admission): Acceptor {
  let reading: Disposable | undefined;
  let rest: NodeJS.Timeout | undefined;
  let strangers = 0;
  const pause = (forMs?: number) => {
    reading?.[Symbol.dispose]();
    reading = undefined;
    if (forMs !== undefined) rest = setTimeout(begin, forMs);
  };
  const begin = () => {
    rest = undefined;
    reading ??= whenReadable(fd, turn);
  };
  const turn = () => {
    for (let count = 0; count < MOST_AT_ONCE && reading !== undefined; count++) {
      if (!hasRoom()) return pause();
      const connection = acceptNow(fd);
      if (connection === 'none') return;
      if (connection === 'shortage') return pause(SHORTAGE_MS);
      if (connection !== 'gone') meet(connection);
    }
  };
  /** Enough strangers for now are a reason to rest. */
  const meet = (connection: number) => {
    if (admit(connection)) {
      strangers = 0;
      return;
    }
    closeQuietly(connection);
    strangers = (strangers + 1) % MOST_STRANGERS;
    if (strangers === 0) pause(STRANGERS_MS);
  };
  begin();
  return {
    resume: () => {
      if (rest === undefined) begin();
    },
    [Symbol.dispose]: () => {
      clearTimeout(rest);
      pause();
    },
  };
}

function acceptNow(fd: number): number | 'none' | 'gone' | 'shortage' {
  let connection: number | undefined;
  try {
    connection = accept(fd, null, null);
    makePrivate(connection);
    fcntl(connection, platform.F_SETFL, platform.O_NONBLOCK);
    return connection;
  } catch (error) {
    if (connection !== undefined) closeQuietly(connection);
    const code = errorCode(error);
    if (code === 'EAGAIN') return 'none';
    return code === 'ECONNABORTED' || code === 'EINTR' ? 'gone' : 'shortage';
  }
}
