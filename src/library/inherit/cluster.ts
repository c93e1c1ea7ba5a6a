// How a primary of cluster goes that does not know of it: it accepts no more, its forks get what it has accepted, and then
// they are told.

import type { Cluster, Worker } from 'node:cluster';
import { sayGoing } from './channel.ts';
import type { Handle } from './going.ts';

/** A connection is on its way from the primary to a fork for less than that, unless the fork is busy. */
const ON_THE_WAY_MS = 200;

/** Resolves when all forks have ended. */
export async function retireCluster(
  cluster: Cluster,
  handles: Iterable<Handle>,
  signal: NodeJS.Signals,
): Promise<void> {
  const forks = cluster.isPrimary ? Object.values(cluster.workers ?? {}) : [];
  const living = forks.filter((fork): fork is Worker => fork !== undefined && !fork.isDead());
  if (living.length === 0) return;
  // Nobody is to be replaced any more.
  cluster.removeAllListeners('exit');
  cluster.removeAllListeners('disconnect');
  for (const handle of handles) handle.close();
  const ended = living.map((fork) => {
    fork.removeAllListeners('exit');
    fork.removeAllListeners('disconnect');
    return new Promise<void>((resolve) => fork.process.once('exit', () => resolve()));
  });
  await new Promise((resolve) => setTimeout(resolve, ON_THE_WAY_MS));
  for (const fork of living) {
    fork.process.kill(signal);
    sayGoing(fork.process);
  }
  await Promise.all(ended);
}
