// Asking a superdaemon over its control socket. Once connected to it a client waits for the answer, however long that takes:
// silence is no answer, and whoever asked once more by a signal would ask twice.

import { type Connection, connectControl } from '../control/connection.ts';
import type { Wish } from '../control/protocol.ts';
import { writeLine } from '../posix/file/write-line.ts';
import { isStopped } from '../posix/process/process-state.ts';
import { StartupError } from '../startup-error.ts';
import type { Running } from './running.ts';
import { type TimeLimit, timeLimit } from './time-limit.ts';

export interface Asking {
  readonly limit: TimeLimit;
  readonly quiet: boolean;
}

const STDERR = 2;
const LOOK_MS = 500;
/** A superdaemon that somebody has stopped answers when somebody lets it go on: without a time limit that may be never. */
const MOST_LOOKS = 20;
/** For who can do without. */
const BRIEFLY_MS = 2000;

/** undefined when it can only be signalled; nothing has been asked then, nor when this throws StartupError. */
export async function ask(
  superdaemon: Running,
  wish: Wish,
  { limit, quiet }: Asking,
): Promise<Connection | undefined> {
  const { pid } = superdaemon;
  const describe = () => stoppedWords(pid) ?? `superdaemon ${pid} does not answer`;
  return await connectControl(superdaemon, wish, async (wanted) => {
    using stopped = whenStopped(pid, {
      notice: (words) => quiet || writeLine(STDERR, words),
      endless: limit.isEndless,
    });
    return await limit.within(Promise.race([wanted, stopped.forGood]), describe);
  });
}

/** Is told what happens, if the superdaemon lets us know soon: in half of the time that the client has, at most. */
export async function listenIn(superdaemon: Running, limitMs: number): Promise<Connection | undefined> {
  try {
    return await ask(superdaemon, 'watch', {
      limit: timeLimit(Math.min(BRIEFLY_MS, limitMs / 2)),
      quiet: true,
    });
  } catch {
    return undefined;
  }
}

export function stoppedWords(pid: number): string | undefined {
  return isStopped(pid)
    ? `superdaemon ${pid} is stopped (SIGSTOP, or Ctrl-Z): kill -CONT ${pid} lets it go on`
    : undefined;
}

interface StoppedWatch extends Disposable {
  /** Rejects. */
  readonly forGood: Promise<never>;
}

function whenStopped(
  pid: number,
  { notice, endless }: { notice: (words: string) => void; endless: boolean },
): StoppedWatch {
  let looks = 0;
  let timer: NodeJS.Timeout | undefined;
  const forGood = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      const words = stoppedWords(pid);
      looks = words === undefined ? 0 : looks + 1;
      if (words === undefined) return;
      if (looks === 1) notice(words);
      if (endless && looks === MOST_LOOKS) reject(new StartupError(`${words}; nothing was asked of it`));
    }, LOOK_MS);
  });
  return { forGood, [Symbol.dispose]: () => clearInterval(timer) };
}
