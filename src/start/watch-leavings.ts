// What workers leave when their own processes have ended: it goes with them, where the command line of their time has
// --kill-tree, or else it is named.

import type { StartOptions } from '../command-line/start-options.ts';
import type { EarlierConfigurations } from '../host/earlier-configurations.ts';
import { reason } from '../posix/libc/system-error.ts';
import type { Recovered } from '../recovery/recovered.ts';
import type { Listener } from '../sockets/listener.ts';
import type { PredecessorState } from '../upgrade/upgrade-state.ts';
import { leaveOrphans, takeInOrphans } from '../workers/kill-tree.ts';
import { type LeftBehind, leftBehind } from '../workers/left-behind.ts';
import { type KnownWorker, type WorkerTrees, workerTrees } from '../workers/worker-trees.ts';
import type { Prepared } from './prepare.ts';

export interface Leavings {
  readonly left: LeftBehind;
  /** undefined: they are nobody's to signal. */
  readonly trees: WorkerTrees | undefined;
  /** Nobody goes by some command line any more. */
  readonly outdated: () => void;
}

interface Place {
  readonly listeners: () => readonly Listener[];
  readonly orphaned: Recovered;
  readonly earlier: EarlierConfigurations;
}

export function watchLeavings(prepared: Prepared, { listeners, orphaned, earlier }: Place): Leavings {
  const { options, log, warn, events, inherited } = prepared;
  const { survivors } = orphaned;
  if (inherited !== undefined && options.killTree) takeInQuietly(warn);
  const isWanted = () => options.killTree || earlier.all().some((each) => each.options.killTree);
  const sockets = () => listeners().map(({ from }) => from);
  const isFresh = inherited === undefined && survivors.workers.length === 0;
  const adopted = new Set([...survivors.workers, ...(inherited?.orphans ?? [])].map(({ pid }) => pid));
  const left: LeftBehind = leftBehind({
    ...{ sockets, isFresh, log: log.write, inherited: inherited?.left ?? [] },
    // One that was taken over is a worker itself.
    isKnown: (pid) => events.isOurs(pid) || adopted.has(pid) || (trees?.holds(pid) ?? false),
    goesWhole: (worker) => trees?.goesWhole(worker) ?? false,
  });
  const isKnown = (pid: number) => events.isOurs(pid) || adopted.has(pid) || left.has(pid);
  const trees = !isWanted()
    ? undefined
    : workerTrees({
        ...{ sockets, isKnown, isFresh, inherited: inherited?.trees ?? [] },
        workers: [
          ...knownSurvivors(orphaned, options),
          ...living(inherited, (of) => earlier.of(of) ?? { options }),
        ],
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
  const outdated = () => {
    if (trees !== undefined && !isWanted()) leaveOrphans();
  };
  const died: LeftBehind['died'] = (worker) => {
    adopted.delete(worker.pid);
    left.died(worker);
  };
  return { left: { ...left, died }, trees, outdated };
}

/** The trial has done the same. */
function takeInQuietly(warn: Prepared['warn']): void {
  try {
    takeInOrphans();
  } catch (error) {
    warn(`${reason(error)}: what workers leave to others is not found`);
  }
}

function knownSurvivors({ survivors }: Recovered, { killTree }: StartOptions): KnownWorker[] {
  return survivors.workers.map(({ pid }) => ({ pid, attempt: undefined, goesWhole: killTree }));
}

/** `configurationOf`: by the ordinal of a deploy. */
function living(
  inherited: PredecessorState | undefined,
  configurationOf: (ordinal: number) => { readonly options: StartOptions },
): KnownWorker[] {
  if (inherited === undefined) return [];
  const { table, orphans } = inherited;
  const isAdopted = (pid: number) => orphans.some((each) => each.pid === pid);
  return table.workers
    .filter(({ outlived }) => outlived === undefined)
    .map(({ pid, attempt, ordinal }) => {
      const goesWhole = configurationOf(ordinal).options.killTree;
      return { pid, attempt: isAdopted(pid) ? undefined : attempt, goesWhole };
    });
}
