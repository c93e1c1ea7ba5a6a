// --daemonize: the same command once more in a session of its own, and an honest answer: we return 0 only when it has
// bound its sockets, written its pid file and spawned its first worker. Until then it ends when we do.

import { openSync, writeSync } from 'node:fs';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { readNow } from '../posix/file/pipe.ts';
import { toBytes } from '../posix/libc/bytes.ts';
import { whenReadable } from '../posix/libc/libc-poll.ts';
import { type Caller, handOn } from '../posix/process/caller.ts';
import { environmentStrings } from '../posix/process/environment-strings.ts';
import { ownProgram } from '../posix/process/own-program.ts';
import { everySignal } from '../posix/process/signals.ts';
import { prepareSpawn } from '../posix/process/spawn.ts';
import { socketPair } from '../posix/socket/socket-pair.ts';
import { activationForDaemon } from '../sockets/activation.ts';
import { END, SERVING } from './launcher.ts';

/** Started in the background by a session leader that ends, it can never get a controlling terminal. */
const IN_BACKGROUND = '"$@" &';

/** Returns the exit status. What went wrong the daemon itself has told on our standard error. */
export async function daemonize(caller: Caller): Promise<number> {
  const daemon = startDaemon(caller);
  let endedBy: NodeJS.Signals | undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // Sent once more, it ends us at once.
    process.once(signal, () => {
      endedBy = signal;
      endDaemon(daemon);
    });
  }
  const isServing = await serves(daemon);
  if (!isServing && endedBy !== undefined) process.kill(process.pid, endedBy);
  return isServing ? 0 : 1;
}

/** Returns our end of the connection to it. */
function startDaemon(caller: Caller): number {
  const [ours, theirs] = socketPair();
  const report = freeNumber(caller.descriptors);
  const spawn = prepareSpawn({
    descriptors: [
      { from: openSync('/dev/null', 'r'), to: 0 },
      { from: 1, to: 1 },
      { from: 2, to: 2 },
      { from: theirs, to: report },
    ],
    defaultSignals: everySignal,
    blockedSignals: [],
    openFilesLimit: caller.openFilesLimit,
    newSession: true,
  });
  spawn({
    file: toBytes('/bin/sh'),
    argv: ['sh', '-c', IN_BACKGROUND, 'sh', ...ownProgram(), ...caller.words].map(toBytes),
    env: environmentStrings(handOn(activationForDaemon(caller), report)),
  });
  closeQuietly(theirs);
  return ours;
}

function endDaemon(daemon: number): void {
  try {
    writeSync(daemon, END);
  } catch {
    // It is gone already.
  }
}

/** Resolves when it serves, or to false when it has ended. */
function serves(daemon: number): Promise<boolean> {
  return new Promise((resolve) => {
    const reading = whenReadable(daemon, () => {
      reading[Symbol.dispose]();
      // Behind a callback of koffi's alone, Node 26.4 and later leave promises waiting.
      setImmediate(resolve, readNow(daemon)?.toString() === SERVING);
    });
  });
}

function freeNumber(taken: readonly number[]): number {
  let fd = 3;
  while (taken.includes(fd)) fd++;
  return fd;
}
