// The state of an upgrade: what the predecessor hands to its successor in the same process, as plain values and descriptors.

import type { InheritedControl } from '../control/control-socket.ts';
import type { InheritedStatus } from '../control/status-source.ts';
import type { InheritedOutput } from '../files/output.ts';
import type { InheritedPidFile } from '../files/pid-file.ts';
import type { InheritedHooks } from '../host/hooks.ts';
import type { InheritedWorkerWatch } from '../host/live-watch.ts';
import type { InheritedReadiness } from '../host/open-readiness.ts';
import type { Caller, Environment } from '../posix/process/caller.ts';
import type { InheritedOrphan } from '../recovery/orphan-watch.ts';
import type { InheritedListener } from '../sockets/listener.ts';
import type { InheritedPorts } from '../sockets/worker-ports.ts';
import type { Event } from '../superdaemon/host.ts';
import type { Table } from '../superdaemon/state.ts';
import type { Message } from '../systemd/outbox.ts';
import type { InheritedMain } from '../workers/main-processes.ts';
import type { InheritedSurvivor } from '../workers/survivor-table.ts';
import type { InheritedTree } from '../workers/worker-tree.ts';

/** Raised with every change of what follows. */
export const STATE_FORMAT = 7;

/** What a command line before ours has opened, for those who go by it. */
export interface InheritedConfiguration {
  /** Its first deploy. */
  readonly since: number;
  readonly words: readonly string[];
  readonly listeners: readonly InheritedListener[];
  readonly workerPorts: readonly InheritedPorts[];
  readonly readiness: InheritedReadiness | undefined;
}

export interface UpgradeState extends InheritedOutput {
  /** With what was meant for the superdaemon alone; its descriptors are the ones that workers get. */
  readonly caller: Omit<Caller, 'launcher'>;
  readonly table: Table;
  /** Those that have not been taken. */
  readonly events: readonly Event[];
  readonly pidFile: InheritedPidFile | undefined;
  readonly listeners: readonly InheritedListener[];
  /** Ascending by slot. */
  readonly workerPorts: readonly InheritedPorts[];
  readonly readiness: InheritedReadiness | undefined;
  /** Ascending. */
  readonly earlier: readonly InheritedConfiguration[];
  /** By the worker's pid. */
  readonly watches: ReadonlyMap<number, InheritedWorkerWatch>;
  /** Workers that are not our children. */
  readonly orphans: readonly InheritedOrphan[];
  /** Who serves behind a worker that is a wrapper. */
  readonly mains: readonly InheritedMain[];
  /** What dead workers have left behind. */
  readonly left: readonly InheritedSurvivor[];
  /** … and what is to go with them. */
  readonly trees: readonly InheritedTree[];
  readonly control: InheritedControl | undefined;
  /** What is told of when somebody asks. */
  readonly status: InheritedStatus;
  readonly hooks: InheritedHooks | undefined;
  /** What the log has not written. */
  readonly log: string;
  /** What the envdir held last. */
  readonly envdir: Environment;
  /** The names of the sockets that the service manager keeps. */
  readonly stored: readonly string[];
  /** What the service manager has had no room for. */
  readonly unsent: readonly Message[];
}

export interface PredecessorState extends UpgradeState {
  readonly format: typeof STATE_FORMAT;
  /** The program's. */
  readonly version: string;
}
