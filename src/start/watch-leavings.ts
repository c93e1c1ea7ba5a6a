// What workers leave when their own processes have ended: it goes with them, with --kill-tree, or else it is named.

import type { Recovered } from '../recovery/recovered.ts';
import type { Listener } from '../sockets/listener.ts';
import type { PredecessorState } from '../upgrade/upgrade-state.ts';
import { type LeftBehind, leftBehind } from '../workers/left-behind.ts';
import { type KnownWorker, type WorkerTrees, workerTrees } from '../workers/worker-trees.ts';
import type { Prepared } from './prepare.ts';

export interface Leavings {
  readonly left: LeftBehind;
  /** undefined: they are nobody's to signal. */
  readonly trees: WorkerTrees | undefined;
}

export function watchLeavings(
  { options, log, warn, events, inherited }: Prepared,
  listeners: () => readonly Listener[],
  { survivors }: Recovered,
): Leavings {
  const sockets = () => listeners().map(({ from }) => from);
  const isFresh = inherited === undefined && survivors.workers.length === 0;
  const adopted = new Set([...survivors.workers, ...(inherited?.orphans ?? [])].map(({ pid }) => pid));
  const isKnown = (pid: number) => events.isOurs(pid) || adopted.has(pid);
  const left = leftBehind({
    ...{ sockets, isFresh, log: log.write, goesWhole: options.killTree, inherited: inherited?.left ?? [] },
    isKnown: (pid) => events.isOurs(pid) || (trees?.holds(pid) ?? false),
  });
  const trees = !options.killTree
    ? undefined
    : workerTrees({
        ...{ sockets, isKnown, isFresh, inherited: inherited?.trees ?? [] },
        workers: [...survivors.workers.map(({ pid }) => ({ pid, attempt: undefined })), ...living(inherited)],
        ended: (pid) => events.push({ kind: 'tree-ended', pid }),
        refused: (worker, handle, why) => {
          warn(`cannot signal process ${handle.pid}, which worker ${worker.pid} has left: ${why}`);
          left.keep(worker, handle);
        },
      });
  // Who has been told to go by the predecessor.
  for (const { pid, phase, outlived } of inherited?.table.workers ?? []) {
    if (phase.name !== 'draining' || outlived !== undefined) continue;
    left.look(pid);
    trees?.look(pid);
  }
  return { left, trees };
}

function living(inherited: PredecessorState | undefined): KnownWorker[] {
  if (inherited === undefined) return [];
  const { table, orphans } = inherited;
  const isAdopted = (pid: number) => orphans.some((each) => each.pid === pid);
  return table.workers
    .filter(({ outlived }) => outlived === undefined)
    .map(({ pid, attempt }) => ({ pid, attempt: isAdopted(pid) ? undefined : attempt }));
}
