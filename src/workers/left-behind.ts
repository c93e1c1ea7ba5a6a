// What a worker leaves behind: a command that does not execute its server (`sh -c 'server; …'`, `npm start`) ends when it is
// told to, and the server lives on with our sockets and answers with the old release. It is nobody's to signal; but it is
// named, and nobody is told that the old generation has gone.

import { once } from '../posix/libc/once.ts';
import { holdDescendants } from '../posix/process/descendants.ts';
import { hasEnded, openProcess, type ProcessHandle } from '../posix/process/pidfd.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { findStrays, type IsKnown, orphanFinder } from './find-strays.ts';
import { holderOf } from './our-sockets.ts';
import { type Bereft, type InheritedSurvivor, type Survivor, survivorTable } from './survivor-table.ts';

export interface LeftBehind {
  /** Before a worker is told to go: whom it has started can be seen only while it lives. */
  look(pid: number): void;
  /** Before its death is told to anybody. */
  died(worker: Bereft): void;
  /** From now on this one is left behind by that worker, if it has a socket of ours. */
  keep(worker: Bereft, handle: ProcessHandle): void;
  /** At the end: names those that live, without waiting for a moment more. */
  report(): void;
  /** Those of dead workers that still have a socket of ours. */
  living(): readonly Survivor[];
  has(pid: number): boolean;
  /** For the successor. */
  forSuccessor(): readonly InheritedSurvivor[];
}

export interface LeavingWorld {
  /** Descriptors of our sockets, as they are now. */
  readonly sockets: () => readonly number[];
  readonly log: (event: LogEvent) => void;
  readonly isKnown: IsKnown;
  /** With --kill-tree: who descends from that worker goes with it, and is no concern of ours. */
  readonly goesWhole: (worker: number) => boolean;
  /** No worker has lived before us. */
  readonly isFresh: boolean;
  readonly inherited: readonly InheritedSurvivor[];
}

export function leftBehind(world: LeavingWorld): LeftBehind {
  const { sockets, log, isKnown, isFresh, goesWhole, inherited } = world;
  const families = new Map<number, ProcessHandle[]>();
  const survivors = survivorTable(log, inherited);
  const orphansOf = orphanFinder(isKnown, isFresh);
  const leave = (worker: Bereft, handles: readonly ProcessHandle[]) => {
    const holdsOurs = once(() => holderOf(sockets()));
    const isLeft = (handle: ProcessHandle) =>
      !hasEnded(handle) && !survivors.has(handle.pid) && holdsOurs()(handle.pid);
    const unseen = new Set(handles);
    try {
      for (const handle of unseen) {
        if (isLeft(handle)) survivors.add(worker, handle);
        else handle[Symbol.dispose]();
        unseen.delete(handle);
      }
    } finally {
      // Where it cannot be told whose sockets they have.
      for (const handle of unseen) handle[Symbol.dispose]();
    }
    survivors.nameThoseOf(worker);
  };
  return {
    look: (pid) => {
      if (sockets().length > 0)
        families.set(pid, goesWhole(pid) ? [] : holdDescendants(pid, families.get(pid)));
    },
    died: (worker) => {
      const family = families.get(worker.pid);
      families.delete(worker.pid);
      if (family !== undefined) return leave(worker, [...family, ...handlesOf(orphansOf(worker))]);
      laterThanReplaced(() => {
        if (sockets().length > 0) findStrays(worker, isKnown, (pids) => leave(worker, handlesOf(pids)));
      });
    },
    keep: (worker, handle) => leave(worker, [handle]),
    report: survivors.nameAll,
    living: survivors.living,
    has: survivors.has,
    forSuccessor: survivors.forSuccessor,
  };
}

const soon = Promise.resolve();

/** The replacement of a worker that has died comes before even this: an immediate costs as much as a tenth of its spawn. */
function laterThanReplaced(act: () => void): void {
  soon.then(() => setImmediate(act));
}

/** Those that have ended meanwhile are left out, and those that cannot be held. */
function handlesOf(pids: readonly number[]): ProcessHandle[] {
  return pids.flatMap((pid) => {
    try {
      return openProcess(pid) ?? [];
    } catch {
      return [];
    }
  });
}
