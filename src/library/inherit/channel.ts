// What the primary of a cluster and the preload in its forks say to each other.

import type { ChildProcess } from 'node:child_process';

/** Node gives what begins with NODE_ to nobody who listens to `message`. */
const GOING = 'NODE_SUPERDAEMON_GOING';
const ASKED = 'NODE_SUPERDAEMON_ASKED';
const ANSWER = 'NODE_SUPERDAEMON_ANSWER';

/**
 * After the signal, which the fork is to hear first. One that closes its servers on the signal, and waits for nothing else,
 * would live on for its channel to the primary, and the primary for its forks. To disconnect it would close the servers before
 * the program does. So from now on the fork keeps the channel, and no longer lives for it.
 */
export function sayGoing(fork: ChildProcess): void {
  send(fork, GOING);
}

/** Resolves when the fork has come to what was sent to it before, and its answers to that are here; or when it has ended. */
export function hasReadAll(fork: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      fork.off('internalMessage', hear).off('disconnect', over);
      resolve();
    };
    const hear = (message: unknown) => {
      if (wordOf(message) === ANSWER) over();
    };
    fork.on('internalMessage', hear).on('disconnect', over);
    if (!send(fork, ASKED)) over();
  });
}

/** Of the primary, from which any message may come. */
export function hearPrimary(): void {
  if (process.channel === undefined) return;
  const hear = (message: unknown) => {
    const word = wordOf(message);
    if (word === ASKED) process.send?.({ cmd: ANSWER }, undefined, {}, () => {});
    if (word !== GOING) return;
    process.off('internalMessage', hear);
    // The signal has come by now, but Node may look at it only in its next turn, for which the process has to be there.
    setImmediate(() => setImmediate(() => process.channel?.unref()));
  };
  process.on('internalMessage', hear);
}

function send(fork: ChildProcess, cmd: string): boolean {
  // One that has ended meanwhile need not hear it.
  if (fork.connected) fork.send({ cmd }, () => {});
  return fork.connected;
}

function wordOf(message: unknown): unknown {
  return (message as { readonly cmd?: unknown } | null)?.cmd;
}
