// A primary of cluster goes behind its forks. It accepts no more, they get what it has accepted, and then they are told: by the
// program, or by us where that does not listen to the signal.

import type { ChildProcess } from 'node:child_process';
import type { Cluster, Worker } from 'node:cluster';
import { Server } from 'node:net';
import { sayGoing } from './channel.ts';
import type { Handle } from './leaving.ts';
import { nothingOnTheWay } from './on-the-way.ts';
import type { Place } from './places.ts';

/** Resolves when all forks have ended. */
export async function retireCluster(
  cluster: Cluster,
  handles: ReadonlyMap<Place, Handle>,
  signal: NodeJS.Signals,
): Promise<void> {
  const living = livingForks(cluster);
  if (living.length === 0) return;
  // Nobody is to be replaced any more.
  cluster.removeAllListeners('exit');
  cluster.removeAllListeners('disconnect');
  const ended = living.map((fork) => {
    fork.removeAllListeners('exit');
    fork.removeAllListeners('disconnect');
    return new Promise<void>((resolve) => fork.process.once('exit', () => resolve()));
  });
  await handOn(living, handles);
  for (const fork of living) {
    fork.process.kill(signal);
    sayGoing(fork.process);
  }
  await Promise.all(ended);
}

/** Before the program hears the signal. undefined: it has no forks that listen, or they accept for themselves. */
export function handOnFirst(
  cluster: () => Cluster,
  handles: ReadonlyMap<Place, Handle>,
): Promise<void> | undefined {
  const distributing = new Map([...handles].filter(([place]) => isDistributing(place)));
  return distributing.size === 0 ? undefined : handOn(livingForks(cluster()), distributing);
}

/** For forks that accept for themselves (SCHED_NONE, datagrams) the primary makes no server. */
export function whenForkListens(cluster: Cluster, places: readonly Place[], listens: () => void): void {
  cluster.on('listening', (_, { fd }: { fd?: number }) => {
    if (places.some((place) => place.fd === fd)) listens();
  });
}

function livingForks(cluster: Cluster): Worker[] {
  const forks = cluster.isPrimary ? Object.values(cluster.workers ?? {}) : [];
  return forks.filter((fork): fork is Worker => fork !== undefined && !fork.isDead());
}

async function handOn(forks: readonly Worker[], handles: ReadonlyMap<Place, Handle>): Promise<void> {
  for (const handle of handles.values()) handle.close();
  await nothingOnTheWay(forks.map((fork): ChildProcess => fork.process));
}

/** cluster takes its handle away from the server that it has made. */
function isDistributing({ taker }: Place): boolean {
  return taker instanceof Server && '_handle' in taker && taker._handle === null;
}
