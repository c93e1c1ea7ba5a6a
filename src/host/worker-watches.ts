// The watches of the live workers, wired to the event queue. Each goes with its worker's death.

import type { Attempt, Event } from '../superdaemon/host.ts';
import type { Table } from '../superdaemon/state.ts';
import type { LeftBehind } from '../workers/left-behind.ts';
import type { MainProcesses } from '../workers/main-processes.ts';
import { type Newest, newest } from '../workers/newest.ts';
import {
  type InheritedWatch,
  noWatch,
  unheard,
  type Watch,
  type WatchCallbacks,
  type WatchWorker,
} from '../workers/readiness.ts';
import type { Bereft } from '../workers/survivor-table.ts';
import type { Log } from './event-log.ts';
import type { EventQueue } from './event-queue.ts';

export interface WorkerWatches {
  /** Before the spawn. */
  open(attempt: Attempt): WorkerWatch;
  /** From the spawn on: its death is an event. */
  attend(worker: Bereft, watch: WorkerWatch): void;
  /** For the successor, by pid. */
  forSuccessor(): ReadonlyMap<number, InheritedWorkerWatch>;
}

export interface InheritedWorkerWatch extends InheritedWatch {
  /** The worker's last STATUS, if nobody has been told of it yet. */
  readonly status: string | undefined;
}

export interface WorkerWatch extends Watch {
  forSuccessor(): InheritedWorkerWatch | undefined;
}

export interface WatchingWorld {
  readonly watchWorker: WatchWorker;
  readonly events: Pick<EventQueue, 'watch' | 'push'>;
  readonly log: Pick<Log, 'write'>;
  readonly left: Pick<LeftBehind, 'died'>;
  readonly mains: Pick<MainProcesses, 'named' | 'died'>;
  readonly inherited: Inheritance | undefined;
}

/** What the predecessor has handed over. */
interface Inheritance {
  readonly watches: ReadonlyMap<number, InheritedWorkerWatch>;
  readonly events: readonly Event[];
  readonly orphans: readonly { readonly pid: number }[];
  readonly table: Pick<Table, 'workers' | 'pool'>;
}

interface Tried extends Pick<Attempt, 'generation' | 'attempt'> {
  /** Its slot, in a pool. */
  readonly worker: number | undefined;
  /** Of one that lives already. */
  readonly pid?: number;
}

const silent: InheritedWorkerWatch = { pipe: undefined, socket: undefined, status: undefined };

/** A STATUS that another one follows sooner is not worth a line in the log, nor the while of those who listen. */
const STATUS_SPACING_MS = 100;

export function workerWatches(world: WatchingWorld): WorkerWatches {
  const { watchWorker, events, log, left, mains, inherited } = world;
  const watches = new Map<number, WorkerWatch>();
  const listen = (tried: Tried, begin: (callbacks: WatchCallbacks) => Watch): WorkerWatch => {
    const { generation, attempt, worker } = tried;
    let pid = tried.pid ?? 0;
    const statuses = newest<string>(STATUS_SPACING_MS, (text) =>
      log.write({ event: 'worker-status', generation, ...(worker !== undefined && { worker, pid }), text }),
    );
    const ready = () => events.push({ kind: 'ready', attempt });
    const main = (serving: number) => mains.named({ generation, worker, pid }, serving);
    const watch = begin({ ready, status: statuses.say, main });
    const beginWith: Watch['begin'] = (own, environment) => {
      pid = own;
      watch.begin(own, environment);
    };
    return talkWatch({ ...watch, begin: beginWith }, statuses);
  };
  const attend = (worker: Bereft, watch: WorkerWatch) => {
    const { pid } = worker;
    watches.set(pid, watch);
    events.watch(pid, (status) => {
      watches.delete(pid);
      watch[Symbol.dispose]();
      mains.died(pid);
      events.push({ kind: 'death', pid, status });
      left.died(worker);
    });
  };
  for (const worker of inherited === undefined ? [] : children(inherited)) {
    const { status, ...watch } = inherited?.watches.get(worker.pid) ?? silent;
    attend(
      worker,
      listen({ ...worker, worker: inherited?.table.pool ? worker.slot : undefined }, (callbacks) => {
        if (status !== undefined) callbacks.status(status);
        return watchWorker.inherit(worker.pid, watch, callbacks);
      }),
    );
  }
  return {
    open: (attempt) => {
      if (watchWorker === noWatch) return unheard;
      return listen({ ...attempt, worker: attempt.place?.worker }, (callbacks) =>
        watchWorker.open(nameOf(attempt), callbacks),
      );
    },
    attend,
    forSuccessor: () => new Map(handedOver(watches)),
  };
}

/** Several workers of a pool have the same generation, and each a socket of its own. */
function nameOf({ place, generation, attempt }: Attempt): number {
  return place === undefined ? generation : attempt;
}

/** What it says last is told before its end is. */
function talkWatch(watch: Watch, statuses: Newest<string>): WorkerWatch {
  return {
    ...watch,
    forSuccessor: () => {
      const inherited = watch.forSuccessor();
      return inherited && { ...inherited, status: statuses.unsent() };
    },
    [Symbol.dispose]: () => {
      watch[Symbol.dispose]();
      statuses.finish();
    },
  };
}

/** Our children: not those that were adopted, nor one whose death waits among the events and has no pid any more. */
function children({ table, events, orphans }: Inheritance) {
  const reaped = events.map((event) => (event.kind === 'death' ? event.pid : undefined));
  const others = [...reaped, ...orphans.map(({ pid }) => pid)];
  return table.workers.filter(({ pid }) => !others.includes(pid));
}

function* handedOver(watches: ReadonlyMap<number, WorkerWatch>): Generator<[number, InheritedWorkerWatch]> {
  for (const [pid, watch] of watches) {
    const inherited = watch.forSuccessor();
    if (inherited !== undefined) yield [pid, inherited];
  }
}
