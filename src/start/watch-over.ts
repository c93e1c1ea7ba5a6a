// What is kept of the workers that live: when they are ready, how they end, what is written down of them; and who is told.

import { type StatusFile, statusFile } from '../files/status-file.ts';
import { type Readying, readying } from '../host/readying.ts';
import { type WorkerWatches, workerWatches } from '../host/worker-watches.ts';
import { processHandle } from '../posix/process/pidfd.ts';
import { type OrphanWatch, orphanWatch } from '../recovery/orphan-watch.ts';
import { type WorkerNote, workerNote } from '../recovery/worker-note.ts';
import { type ServiceManager, serviceManager } from '../systemd/service-manager.ts';
import type { Acquired } from './acquired.ts';
import type { Begun } from './begin.ts';
import { managerFacts } from './manager-facts.ts';
import type { Place } from './take-place.ts';
import { whenServing } from './when-serving.ts';

export interface Watched {
  readonly status: StatusFile | undefined;
  readonly manager: ServiceManager | undefined;
  readonly readiness: Readying;
  readonly watches: WorkerWatches;
  readonly orphans: OrphanWatch;
  readonly note: WorkerNote | undefined;
}

export function watchOver(acquired: Acquired, begun: Begun, place: Place): Watched {
  const { options, caller, callerAsItIs, inherited, events, log, alsoTell, warn } = begun;
  const { listeners, left, orphaned } = place;
  const { statusFile: path } = options;
  const status = acquired.own(path === undefined ? undefined : statusFile(path, warn, orphaned.serve));
  const facts = managerFacts(options, inherited);
  const manager = acquired.own(serviceManager(callerAsItIs.environment, facts, inherited?.untold));
  if (manager !== undefined) alsoTell(manager.hear);
  const readiness = acquired.own(
    readying({ options, caller, listeners, events, log, inherited: inherited?.readying }),
  );
  const watches = workerWatches({ ...readiness, events, log, left, inherited });
  if (inherited === undefined) alsoTell(whenServing(options, () => settle(place)));
  const adopted = inherited?.table.workers ?? orphaned.survivors.workers;
  const handles = inherited?.orphans.map(processHandle) ?? orphaned.handles();
  const orphans = orphanWatch(handles, events, (pid) =>
    left.died(adopted.find((each) => each.pid === pid) ?? { generation: 0, pid }),
  );
  const note = acquired.own(
    workerNote({
      ...{ place: options, listeners, workers: adopted, warn },
      lives: (pid) => events.isOurs(pid) || orphans.watches(pid),
      stays: orphaned.serve,
    }),
  );
  return { status, manager, readiness, watches, orphans, note };
}

function settle({ output, launcher }: Place): void {
  output.settle();
  launcher?.serving();
}
