// After a superdaemon was killed its workers serve on. Their listening sockets are copied out of their hands, with all that
// waits in the queues, and they become our old generations. Nothing is done to them here: whatever goes wrong, they serve on.

import { listedGenerations } from '../files/status-file.ts';
import { closeQuietly } from '../posix/descriptor.ts';
import { hasEnded, type ProcessHandle } from '../posix/pidfd.ts';
import { platform } from '../posix/platform.ts';
import { holdersOf, makerOf } from '../posix/process-facts.ts';
import type { ActivatedSocket } from '../sockets/activation.ts';
import { matchActivated } from '../sockets/match-activated.ts';
import type { SocketSpec } from '../sockets/socket-spec.ts';
import type { LiveGeneration } from '../superdaemon/host.ts';
import { NO_SURVIVORS, type Survivors } from '../superdaemon/state.ts';
import { type Place, placesOf } from './bound-sockets.ts';
import { denial, refuseUnseen } from './denial.ts';
import { takeSocket } from './orphan-socket.ts';
import { type OrphanedWorker, orphanedWorkers } from './orphaned-workers.ts';
import { takeTurn } from './turn.ts';
import { whenExecuted } from './when-executed.ts';

export interface TakeOverOptions {
  readonly sockets: readonly SocketSpec[];
  /** They win over an orphan's. */
  readonly activated: readonly ActivatedSocket[];
  readonly statusFile: string | undefined;
  readonly warn: (line: string) => void;
}

export interface TakenOver extends Disposable {
  /** Our copy of the socket for this option, the caller's from now on; undefined: there is none. */
  take(spec: SocketSpec): number | undefined;
  /** Those whose sockets we may not have, and whose places can be bound anew all the same. */
  readonly abandoned: ReadonlySet<SocketSpec>;
  readonly workers: readonly OrphanedWorker[];
  readonly survivors: Survivors;
  /** Of those that the kernel lets us signal. */
  handles(): readonly ProcessHandle[];
  /** Whether any of the workers lives: then the files of their sockets have to stay. */
  serve(): boolean;
}

/** Throws StartupError when an orphaned worker has a port of ours and the kernel does not let us take it. */
export async function takeOver(options: TakeOverOptions): Promise<TakenOver> {
  if (platform.pidfd === undefined) return nobody();
  const placed = matchActivated(options.sockets, options.activated);
  const places = await placesOf(placed);
  const listed = options.statusFile === undefined ? [] : listedGenerations(options.statusFile);
  const isVacant = places.every(({ inodes }) => inodes.length === 0) && listed.length === 0;
  if (isVacant) return nobody();
  using _turn = await takeTurn();
  const wanted = places.filter(({ isOurs, inodes }) => !isOurs && inodes.length > 0);
  const holders = holdersOf(wanted.flatMap(({ inodes }) => inodes));
  await whenExecuted([...[...holders.values()].flat(), ...listed.map(({ pid }) => pid)]);
  const given = places.filter(({ isOurs }) => isOurs).flatMap(({ inodes }) => inodes);
  const inodes = new Set([...given, ...madeByUs(holders)]);
  const workers = orphanedWorkers({ specs: placed.map(({ spec }) => spec), inodes, listed });
  const taken = takenOver(workers, survivorsOf(workers, listed));
  takeSockets(wanted, { holders, listed, taken, warn: options.warn });
  return taken;
}

export function nobody(): TakenOver {
  return takenOver([], NO_SURVIVORS);
}

interface Taking extends TakenOver {
  readonly sockets: Map<SocketSpec, number>;
  readonly abandoned: Set<SocketSpec>;
}

function takenOver(workers: readonly OrphanedWorker[], survivors: Survivors): Taking {
  const sockets = new Map<SocketSpec, number>();
  return {
    sockets,
    take: (spec) => {
      const fd = sockets.get(spec);
      sockets.delete(spec);
      return fd;
    },
    abandoned: new Set(),
    workers,
    survivors,
    handles: () => workers.flatMap(({ handle }) => handle ?? []),
    serve: () => workers.some(({ handle }) => handle !== undefined && !hasEnded(handle)),
    [Symbol.dispose]: () => {
      for (const fd of sockets.values()) closeQuietly(fd);
      for (const { handle } of workers) handle?.[Symbol.dispose]();
    },
  };
}

function survivorsOf(workers: readonly OrphanedWorker[], listed: readonly LiveGeneration[]): Survivors {
  if (workers.length === 0) return NO_SURVIVORS;
  return {
    generation: Math.max(...[...workers, ...listed].map(({ generation }) => generation)),
    workers: workers
      .filter(({ handle }) => handle !== undefined)
      .map(({ generation, pid }) => ({ generation, pid })),
  };
}

interface Circumstances extends Pick<TakeOverOptions, 'warn'> {
  readonly holders: ReadonlyMap<string, readonly number[]>;
  readonly listed: readonly LiveGeneration[];
  readonly taken: Taking;
}

function takeSockets(places: readonly Place[], circumstances: Circumstances): void {
  const { taken } = circumstances;
  try {
    for (const place of places) takeAt(place, circumstances);
  } catch (error) {
    taken[Symbol.dispose]();
    throw error;
  }
}

function takeAt(place: Place, { holders, listed, taken, warn }: Circumstances): void {
  const { spec } = place;
  const result = takeSocket(place, { workers: taken.workers, holders });
  switch (result.kind) {
    case 'taken':
      taken.sockets.set(spec, result.fd);
      return;
    case 'denied':
      // Nobody else can have the port, whereas a path can be bound anew.
      if (spec.kind !== 'unix') throw denial(spec, result);
      warn(`warning: ${denial(spec, result).message}`);
      taken.abandoned.add(spec);
      return;
    case 'not-theirs':
      refuseUnseen(place, holders, listed);
  }
}

/** A socket that another user made was never ours, whoever has it: it proves nothing about who holds it. */
function madeByUs(holders: ReadonlyMap<string, readonly number[]>): string[] {
  const isOurs = (inode: string, pids: readonly number[]) =>
    pids.some((pid) => makerOf(pid, inode) === process.geteuid?.());
  return [...holders].filter(([inode, pids]) => isOurs(inode, pids)).map(([inode]) => inode);
}
