// What is kept of the workers that live: when they are ready, how they end, what is written down of them; and who is told.

import type { StartOptions } from '../command-line/start-options.ts';
import { type StatusFile, statusFile } from '../files/status-file.ts';
import { type OpenReadiness, openReadiness } from '../host/open-readiness.ts';
import { type WorkerWatches, workerWatches } from '../host/worker-watches.ts';
import { processHandle } from '../posix/process/pidfd.ts';
import { type SignalName, sendSignal } from '../posix/process/signals.ts';
import { type OrphanWatch, orphanWatch } from '../recovery/orphan-watch.ts';
import { type WorkerNote, workerNote } from '../recovery/worker-note.ts';
import type { LiveGeneration } from '../superdaemon/host.ts';
import { named } from '../superdaemon/publish.ts';
import { type ServiceManager, serviceManager } from '../systemd/service-manager.ts';
import type { LeftBehind } from '../workers/left-behind.ts';
import { type MainProcesses, mainProcesses } from '../workers/main-processes.ts';
import { type SurvivorSockets, survivorSockets } from '../workers/survivor-sockets.ts';
import type { Bereft } from '../workers/survivor-table.ts';
import type { WorkerTrees } from '../workers/worker-trees.ts';
import type { Resources } from './acquire-resources.ts';
import type { Acquired } from './acquired.ts';
import { managerFacts } from './manager-facts.ts';
import type { Prepared } from './prepare.ts';
import { whenServing } from './when-serving.ts';
import { whenSilent } from './when-silent.ts';

export interface Watched {
  readonly status: StatusFile | undefined;
  readonly manager: ServiceManager | undefined;
  readonly readiness: OpenReadiness;
  readonly watches: WorkerWatches;
  readonly orphans: OrphanWatch;
  readonly mains: MainProcesses;
  readonly signalWorker: (pid: number, signal: SignalName) => void;
  readonly note: WorkerNote | undefined;
}

export function watchOver(acquired: Acquired, prepared: Prepared, place: Resources): Watched {
  const { options, caller, callerAsItIs, inherited, events, log, subscribe, warn } = prepared;
  const { listeners, ownNumbers, left, trees, orphaned, earlier } = place;
  const status = acquired.own(openStatus(prepared, place));
  const facts = managerFacts(options, inherited);
  const manager = acquired.own(serviceManager(callerAsItIs.environment, facts, inherited?.unsent));
  if (manager !== undefined) subscribe(manager.onEvent);
  const readiness = acquired.own(
    openReadiness({ options, caller, listeners, ownNumbers, events, log, inherited: inherited?.readiness }),
  );
  const signalWorker: Watched['signalWorker'] = (pid, signal) => {
    // Its death may be an event that has not been taken yet, and its pid a stranger's by now.
    if (!orphans.signal(pid, signal) && events.isOurs(pid)) sendSignal(pid, signal);
  };
  const { preloaded, ...silence } = whenSilent(options, warn);
  const mains = mainProcesses({
    ...{ log: log.write, signalWorker, farewellOf: farewells(options, trees) },
    inherited: inherited?.mains ?? orphaned.mains,
    named: (worker, pids) => note?.named(worker, pids),
  });
  const watchWorkerOf = (ordinal: number) => (earlier.of(ordinal)?.readiness ?? readiness).watchWorker;
  const treeOf = notedTrees(trees, (worker, living) => note?.left(worker, living));
  const watching = { watchWorkerOf, events, log, left, treeOf, mains, preloaded, inherited };
  const watches = workerWatches(watching);
  if (options.watchdogMs !== undefined) events.beforeDeadline(watches.look);
  if (inherited === undefined) subscribe(whenServing(options, () => settle(place)));
  subscribe(silence.onEvent);
  // Behind it: of what lets the launcher go there is nothing to be shown.
  if (place.launcher !== undefined) subscribe(place.launcher.onEvent);
  const adopted = livingBefore(inherited) ?? orphaned.survivors.workers;
  const handles = inherited?.orphans.map(processHandle) ?? orphaned.handles();
  const notified = acquired.own(survivorSockets(handles.map(({ pid }) => pid)));
  const orphans = orphanWatch(handles, events, whenDead(adopted, { notified, mains, treeOf, left }));
  const note = acquired.own(
    workerNote({
      ...{ place: options, listeners, workers: adopted, warn },
      mains: inherited?.mains ?? orphaned.mains,
      lives: (pid) => events.isOurs(pid) || orphans.watches(pid) || (trees?.holds(pid) ?? false),
      stays: orphaned.serve,
    }),
  );
  return { status, manager, readiness, watches, orphans, mains, signalWorker, note };
}

interface AtDeath {
  readonly notified: SurvivorSockets;
  readonly mains: MainProcesses;
  readonly treeOf: (worker: Bereft) => readonly number[];
  readonly left: LeftBehind;
}

/** Of a worker that was adopted. */
function whenDead(adopted: readonly LiveGeneration[], { notified, mains, treeOf, left }: AtDeath) {
  return (pid: number): readonly number[] => {
    const worker = adopted.find((each) => each.pid === pid) ?? { generation: 0, pid };
    notified.died(pid);
    mains.died(pid);
    const living = treeOf(worker);
    left.died(worker);
    return living;
  };
}

/** What serves behind a worker that goes whole is told with the rest. */
function farewells({ signalOnTerm }: StartOptions, trees: WorkerTrees | undefined) {
  return (worker: number) => (trees?.goesWhole(worker) ? undefined : signalOnTerm);
}

/** Returns what tells, once a worker's own process has ended, who goes with it and lives on. */
function notedTrees(
  trees: WorkerTrees | undefined,
  note: (worker: Bereft, living: readonly number[]) => void,
): (worker: Bereft) => readonly number[] {
  return (worker) => {
    const living = trees?.died(worker) ?? [];
    note(worker, living);
    return living;
  };
}

function openStatus({ options, warn }: Prepared, { orphaned }: Resources): StatusFile | undefined {
  const { statusFile: path } = options;
  return path === undefined ? undefined : statusFile(path, warn, orphaned.serve);
}

/** What the predecessor's table calls workers, without those of whom only what they have started lives. */
function livingBefore(inherited: Prepared['inherited']): LiveGeneration[] | undefined {
  const living = inherited?.table.workers.filter(({ outlived }) => outlived === undefined);
  return inherited && living?.map((each) => named(inherited.table, each));
}

function settle({ output, launcher }: Resources): void {
  launcher?.[Symbol.dispose]();
  output.settle();
  launcher?.serving();
}
