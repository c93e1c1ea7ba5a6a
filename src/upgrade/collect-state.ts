import type { ControlSocket } from '../control/control-socket.ts';
import type { StatusSource } from '../control/status-source.ts';
import type { Output } from '../files/output.ts';
import type { PidFile } from '../files/pid-file.ts';
import type { EarlierConfigurations } from '../host/earlier-configurations.ts';
import type { EnvironmentSource } from '../host/environment-source.ts';
import type { EventQueue } from '../host/event-queue.ts';
import type { Hooks } from '../host/hooks.ts';
import type { OpenReadiness } from '../host/open-readiness.ts';
import type { WorkerWatches } from '../host/worker-watches.ts';
import type { Caller } from '../posix/process/caller.ts';
import type { OrphanWatch } from '../recovery/orphan-watch.ts';
import type { Listener } from '../sockets/listener.ts';
import type { WorkerPorts } from '../sockets/worker-ports.ts';
import type { Table } from '../superdaemon/state.ts';
import type { FdStore } from '../systemd/fd-store.ts';
import type { ServiceManager } from '../systemd/service-manager.ts';
import type { LeftBehind } from '../workers/left-behind.ts';
import type { MainProcesses } from '../workers/main-processes.ts';
import type { WorkerTrees } from '../workers/worker-trees.ts';
import type { UpgradeState } from './upgrade-state.ts';

/** Everything that a superdaemon has acquired. */
export interface StateOwners {
  readonly callerAsItIs: Caller;
  /** Without what was meant for the superdaemon alone. */
  readonly caller: Caller;
  readonly events: EventQueue;
  readonly pidFile: PidFile | undefined;
  readonly listeners: readonly Listener[];
  readonly workerPorts: WorkerPorts;
  readonly output: Output;
  readonly readiness: OpenReadiness;
  readonly earlier: EarlierConfigurations;
  readonly watches: WorkerWatches;
  readonly orphans: OrphanWatch;
  readonly mains: MainProcesses;
  readonly control: ControlSocket | undefined;
  readonly statusSource: StatusSource;
  readonly environment: EnvironmentSource;
  readonly hooks: Hooks | undefined;
  readonly left: LeftBehind;
  readonly trees: WorkerTrees | undefined;
  readonly manager: ServiceManager | undefined;
  readonly fdStore: FdStore | undefined;
}

/** Returns what tells them as they are, for the successor; `unwritten`: by the log. */
export function stateCollector(all: StateOwners): (table: Table, unwritten: string) => UpgradeState {
  return (table, unwritten) => ({
    caller: { ...all.callerAsItIs, descriptors: all.caller.descriptors },
    table,
    events: all.events.forSuccessor(),
    pidFile: all.pidFile?.forSuccessor(),
    listeners: all.listeners,
    workerPorts: all.workerPorts.forSuccessor(),
    ...all.output.forSuccessor(),
    readiness: all.readiness.forSuccessor(),
    earlier: all.earlier.all().map(({ since, words, listeners, workerPorts, readiness }) => ({
      ...{ since, words, listeners },
      workerPorts: workerPorts.forSuccessor(),
      readiness: readiness.forSuccessor(),
    })),
    watches: all.watches.forSuccessor(),
    orphans: all.orphans.forSuccessor(),
    mains: all.mains.forSuccessor(),
    left: all.left.forSuccessor(),
    trees: all.trees?.forSuccessor() ?? [],
    control: all.control?.forSuccessor(),
    status: all.statusSource.forSuccessor(),
    hooks: all.hooks?.forSuccessor(),
    log: unwritten,
    envdir: all.environment.last(),
    stored: all.fdStore?.forSuccessor() ?? [],
    unsent: all.manager?.forSuccessor() ?? [],
  });
}
