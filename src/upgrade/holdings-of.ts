import type { Controlling } from '../control/open-control.ts';
import type { Output } from '../files/output.ts';
import type { PidFile } from '../files/pid-file.ts';
import type { EnvironmentSource } from '../host/environment-source.ts';
import type { EventQueue } from '../host/event-queue.ts';
import type { Hooks } from '../host/hooks.ts';
import type { Readying } from '../host/readying.ts';
import type { WorkerWatches } from '../host/worker-watches.ts';
import type { Caller } from '../posix/process/caller.ts';
import type { OrphanWatch } from '../recovery/orphan-watch.ts';
import type { Listener } from '../sockets/listener.ts';
import type { Table } from '../superdaemon/state.ts';
import type { ServiceManager } from '../systemd/service-manager.ts';
import type { LeftBehind } from '../workers/left-behind.ts';
import type { Holdings } from './holdings.ts';

/** Everything that a superdaemon has acquired. */
export interface Possessions {
  readonly callerAsItIs: Caller;
  /** Without what was meant for the superdaemon alone. */
  readonly caller: Caller;
  readonly events: EventQueue;
  readonly pidFile: PidFile | undefined;
  readonly listeners: readonly Listener[];
  readonly output: Output;
  readonly readiness: Readying;
  readonly watches: WorkerWatches;
  readonly orphans: OrphanWatch;
  readonly control: Controlling | undefined;
  readonly environment: EnvironmentSource;
  readonly hooks: Hooks | undefined;
  readonly left: LeftBehind;
  readonly manager: ServiceManager | undefined;
}

/** Returns what tells them as they are, for a program that takes over; `unwritten`: by the log. */
export function holdingsOf(all: Possessions): (table: Table, unwritten: string) => Holdings {
  return (table, unwritten) => ({
    caller: { ...all.callerAsItIs, descriptors: all.caller.descriptors },
    table,
    events: all.events.handOver(),
    pidFile: all.pidFile?.handOver(),
    listeners: all.listeners,
    logCommand: all.output.handOver(),
    readying: all.readiness.handOver(),
    watches: all.watches.handOver(),
    orphans: all.orphans.handOver(),
    left: all.left.handOver(),
    control: all.control?.handOver(),
    hooks: all.hooks?.handOver(),
    log: unwritten,
    envdir: all.environment.last(),
    untold: all.manager?.handOver() ?? [],
  });
}
