// A connection that the primary of a cluster has accepted goes to a fork by its channel, and a fork gets the next one when it
// has said that it has that. One that comes to a fork which has closed its server goes back, and is cut when no fork is left:
// so no fork is to hear the signal while connections are on their way.

import type { ChildProcess } from 'node:child_process';
import { hasReadAll } from './channel.ts';

/** Of a fork that does not answer, because it is blocked. */
const LONGEST_MS = 5_000;

/**
 * The primary accepts no more. Resolves when its forks have got what it has accepted: a round of questions to all of them has
 * been answered, and no connection was sent meanwhile.
 */
export async function nothingOnTheWay(forks: readonly ChildProcess[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const isOver = new Promise<'over'>((resolve) => {
    timer = setTimeout(resolve, LONGEST_MS, 'over');
  });
  let wasSent = false;
  const unwatch = forks.map((fork) =>
    watchHandles(fork, () => {
      wasSent = true;
    }),
  );
  do {
    wasSent = false;
    if ((await Promise.race([isOver, Promise.all(forks.map(hasReadAll))])) === 'over') break;
  } while (wasSent);
  clearTimeout(timer);
  for (const undo of unwatch) undo();
}

function watchHandles(fork: ChildProcess, sent: () => void): () => void {
  const { send } = fork;
  fork.send = function (this: ChildProcess, ...args: unknown[]): boolean {
    if (typeof args[1] === 'object' && args[1] !== null) sent();
    return (send as (...all: unknown[]) => boolean).apply(this, args);
  } as typeof send;
  return () => {
    fork.send = send;
  };
}
