// --kill-tree: a worker is all that descends from it, if the command line of its time says so. What lives on when its own process has ended is found by the line of
// parents, as long as there is one: it is walked when the worker is told to go. Who has become an orphan before bears the mark
// of its worker; and it has come to us, whose descendant it is then, or, where that proves nothing, has one of our sockets.

import { holdDescendants } from '../posix/process/descendants.ts';
import type { ProcessHandle } from '../posix/process/pidfd.ts';
import type { SignalName } from '../posix/process/signals.ts';
import type { Bereft, Survivor } from './survivor-table.ts';
import { markOf, treeMark } from './tree-mark.ts';
import { type Origin, type OrphanWorld, orphanSearch } from './tree-orphans.ts';
import { type InheritedTree, type TreeWorld, WorkerTree } from './worker-tree.ts';

export interface WorkerTrees {
  spawned(worker: KnownWorker): void;
  /** Before a worker is told to go: whom it has started is seen best while it lives. */
  look(pid: number): void;
  /** Returns who lives on; `ended` is called once they have gone. */
  died(worker: Bereft): readonly number[];
  /** What the worker of that pid has left, which has died. */
  signal(pid: number, signal: SignalName): void;
  /** Whether this one, which lives, goes with all that it has started. */
  goesWhole(pid: number): boolean;
  /** Whether a dead worker has left it. */
  holds(pid: number): boolean;
  living(): readonly Survivor[];
  /** For the successor. */
  forSuccessor(): readonly InheritedTree[];
}

/** A worker that lives already. */
export interface KnownWorker {
  readonly pid: number;
  /** undefined: it is another superdaemon's child. */
  readonly attempt: number | undefined;
  readonly goesWhole: boolean;
}

export interface TreesWorld extends Omit<OrphanWorld, 'workers'>, Pick<TreeWorld, 'refused'> {
  readonly ended: (pid: number) => void;
  readonly workers: readonly KnownWorker[];
  readonly inherited: readonly InheritedTree[];
}

export function workerTrees(world: TreesWorld): WorkerTrees {
  /** undefined: what it leaves is nobody's to signal. */
  const origins = new Map(world.workers.map((each) => [each.pid, originOf(each)]));
  const goesWhole = (pid: number) => origins.get(pid) !== undefined;
  const families = new Map<number, ProcessHandle[]>();
  let trees: readonly WorkerTree[] = [];
  const holds = (pid: number) => trees.some((tree) => tree.has(pid));
  const orphansOf = orphanSearch(world, holds);
  const forget = (tree: WorkerTree) => {
    trees = trees.filter((each) => each !== tree);
  };
  const grow = (begins: InheritedTree) => {
    const tree = new WorkerTree(begins, {
      orphans: () => orphansOf({ ...begins, isAlone: origins.size === 0 && trees.length === 1 }),
      ended: (gone) => {
        forget(gone);
        world.ended(gone.worker.pid);
      },
      refused: world.refused,
    });
    trees = [...trees, tree];
    return tree;
  };
  // Some may have ended between two programs.
  for (const each of world.inherited) grow(each).lookSoon();
  return {
    spawned: (worker) => void origins.set(worker.pid, originOf(worker)),
    look: (pid) => {
      if (goesWhole(pid)) families.set(pid, holdDescendants(pid, families.get(pid)));
    },
    goesWhole,
    died: (worker) => {
      const origin = take(origins, worker.pid);
      const family = take(families, worker.pid) ?? [];
      if (origin === undefined) return [];
      const isAlone = origins.size === 0 && trees.length === 0;
      const left = [...family, ...orphansOf({ ...origin, isAlone })];
      if (left.length === 0) return [];
      const tree = grow({ ...worker, ...origin, told: undefined, members: [] });
      tree.add(left);
      const living = tree.living().map((each) => each.pid);
      if (living.length === 0) forget(tree);
      return living;
    },
    signal: (pid, signal) => {
      for (const tree of trees) if (tree.worker.pid === pid) tree.signal(signal);
    },
    holds,
    living: () => trees.flatMap((tree) => tree.living()),
    forSuccessor: () => trees.map((tree) => tree.forSuccessor()),
  };
}

function take<Value>(from: Map<number, Value>, pid: number): Value | undefined {
  const taken = from.get(pid);
  from.delete(pid);
  return taken;
}

function originOf({ pid, attempt, goesWhole }: KnownWorker): Origin | undefined {
  if (!goesWhole) return undefined;
  if (attempt !== undefined) return { mark: treeMark(attempt), isAdopted: false };
  return { mark: markOf(pid), isAdopted: true };
}
