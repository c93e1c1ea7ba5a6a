// The watches of the live workers, wired to the event queue. Each goes with its worker's death.

import type { Attempt, Event } from '../superdaemon/host.ts';
import { named } from '../superdaemon/publish.ts';
import type { Table } from '../superdaemon/state.ts';
import type { LeftBehind } from '../workers/left-behind.ts';
import type { MainProcesses } from '../workers/main-processes.ts';
import { noWatch, unheard, type WatchWorker } from '../workers/readiness.ts';
import type { Bereft } from '../workers/survivor-table.ts';
import type { Log } from './event-log.ts';
import type { EventQueue } from './event-queue.ts';
import {
  type InheritedWorkerWatch,
  LiveWatch,
  type OpenWatch,
  type Tried,
  type WorkerWatch,
} from './live-watch.ts';

export interface WorkerWatches {
  /** Before the spawn. */
  open(attempt: Attempt): WorkerWatch;
  /** From the spawn on: its death is an event. */
  attend(worker: Bereft, watch: WorkerWatch): void;
  /** Hears what has been said and waits to be read. */
  look(): void;
  /** For the successor, by pid. */
  forSuccessor(): ReadonlyMap<number, InheritedWorkerWatch>;
}

export interface WatchingWorld {
  /** Of the deploy of that ordinal: each goes by the command line of its time. */
  readonly watchWorkerOf: (ordinal: number) => WatchWorker;
  readonly events: Pick<EventQueue, 'watch' | 'push'>;
  readonly log: Pick<Log, 'write'>;
  readonly left: Pick<LeftBehind, 'died'>;
  /** Returns those who live on, and go with it. */
  readonly treeOf: (worker: Bereft) => readonly number[];
  readonly mains: Pick<MainProcesses, 'named' | 'died'>;
  readonly preloaded: (pid: number) => void;
  readonly inherited: Inheritance | undefined;
}

/** What the predecessor has handed over. */
interface Inheritance {
  readonly watches: ReadonlyMap<number, InheritedWorkerWatch>;
  readonly events: readonly Event[];
  readonly orphans: readonly { readonly pid: number }[];
  readonly table: Pick<Table, 'workers' | 'configurations'>;
}

const silent: InheritedWorkerWatch = { pipe: undefined, socket: undefined, status: undefined };

export function workerWatches(world: WatchingWorld): WorkerWatches {
  const { watchWorkerOf, events, left, treeOf, mains, inherited } = world;
  const watches = new Map<number, WorkerWatch>();
  const listen = (tried: Tried, open: OpenWatch) => new LiveWatch(tried, world, open);
  const attend = (worker: Bereft, watch: WorkerWatch) => {
    const { pid } = worker;
    watches.set(pid, watch);
    events.watch(pid, (status) => {
      let living: readonly number[] = [];
      watches.delete(pid);
      try {
        watch[Symbol.dispose]();
        mains.died(pid);
        living = treeOf(worker);
      } finally {
        // Whatever goes wrong: a death that is reaped and not told is never heard of again.
        events.push(death(pid, status, living));
        left.died(worker);
      }
    });
  };
  for (const { worker, name } of inherited === undefined ? [] : children(inherited)) {
    const { status, ...watch } = inherited?.watches.get(worker.pid) ?? silent;
    attend(
      name,
      listen({ worker: undefined, ...name, attempt: worker.attempt }, (callbacks) => {
        if (status !== undefined) callbacks.status(status);
        return watchWorkerOf(worker.ordinal).inherit(worker.pid, watch, callbacks);
      }),
    );
  }
  return {
    open: (attempt) => {
      const watchWorker = watchWorkerOf(attempt.ordinal);
      if (watchWorker === noWatch) return unheard;
      // Several workers have the same generation, and each a socket of its own.
      const { generation, attempt: number, place } = attempt;
      const name = place === undefined ? generation : number;
      // Not spread: V8 makes a hidden class for each such object, and there is one for each worker.
      return listen({ generation, attempt: number, worker: place?.worker, pid: 0 }, (callbacks) =>
        watchWorker.open(name, callbacks),
      );
    },
    attend,
    look: () => {
      for (const watch of watches.values()) watch.look();
    },
    forSuccessor: () => new Map(handedOver(watches)),
  };
}

export function death(pid: number, status: number | undefined, left: readonly number[]): Event {
  return { kind: 'death', pid, status, ...(left.length > 0 && { left }) };
}

/** Our children: not those that were adopted, nor one whose death waits among the events and has no pid any more. */
function children({ table, events, orphans }: Inheritance) {
  const reaped = events.map((event) => (event.kind === 'death' ? event.pid : undefined));
  const others = [...reaped, ...orphans.map(({ pid }) => pid)];
  return table.workers
    .filter(({ pid, outlived }) => outlived === undefined && !others.includes(pid))
    .map((worker) => ({ worker, name: named(table, worker) }));
}

function* handedOver(watches: ReadonlyMap<number, WorkerWatch>): Generator<[number, InheritedWorkerWatch]> {
  for (const [pid, watch] of watches) {
    const inherited = watch.forSuccessor();
    if (inherited !== undefined) yield [pid, inherited];
  }
}
