// The watches of workers that the predecessor has started.

import type { Event } from '../superdaemon/host.ts';
import type { Table } from '../superdaemon/state.ts';
import type { InheritedWatch } from '../workers/readiness.ts';

export interface InheritedWorkerWatch extends InheritedWatch {
  /** The worker's last STATUS, if nobody has been told of it yet. */
  readonly status: string | undefined;
}

/** What the predecessor has handed over. */
export interface Inheritance {
  readonly watches: ReadonlyMap<number, InheritedWorkerWatch>;
  readonly events: readonly Event[];
  readonly orphans: readonly { readonly pid: number }[];
  readonly table: Pick<Table, 'workers' | 'pool'>;
}

const silent: InheritedWorkerWatch = { pipe: undefined, socket: undefined, status: undefined };

export function inheritedWatches(inherited: Inheritance | undefined) {
  if (inherited === undefined) return [];
  return children(inherited).map((worker) => ({
    worker,
    tried: { ...worker, worker: inherited.table.pool ? worker.slot : undefined },
    ...(inherited.watches.get(worker.pid) ?? silent),
  }));
}

/** Our children: not those that were adopted, nor one whose death waits among the events and has no pid any more. */
function children({ table, events, orphans }: Inheritance) {
  const reaped = events.map((event) => (event.kind === 'death' ? event.pid : undefined));
  const others = [...reaped, ...orphans.map(({ pid }) => pid)];
  return table.workers.filter(({ pid }) => !others.includes(pid));
}
