// The watches of the live workers, wired to the event queue. Each goes with its worker's death.

import type { Attempt } from '../superdaemon/host.ts';
import type { LeftBehind } from '../workers/left-behind.ts';
import type { MainProcesses } from '../workers/main-processes.ts';
import { type Newest, newest } from '../workers/newest.ts';
import type { Watch, WatchCallbacks, WatchWorker } from '../workers/readiness.ts';
import type { Bereft } from '../workers/survivor-table.ts';
import type { Log } from './event-log.ts';
import type { EventQueue } from './event-queue.ts';
import { type Inheritance, type InheritedWorkerWatch, inheritedWatches } from './inherited-watches.ts';

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

interface Tried extends Pick<Attempt, 'generation' | 'attempt'> {
  /** Its slot, in a pool. */
  readonly worker: number | undefined;
  /** Of one that lives already. */
  readonly pid?: number;
}

/** A STATUS that another one follows sooner is not worth a line in the log, nor the while of those who listen. */
const STATUS_SPACING_MS = 100;
/** Nor is every word that it lives worth a turn of the loop. */
const BEAT_SPACING_MS = 100;

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
    const beats = newest<true>(BEAT_SPACING_MS, () => events.push({ kind: 'alive', attempt }));
    const watch = begin({ ready, alive: () => beats.say(true), status: statuses.say, main });
    const beginWith: Watch['begin'] = (own, environment) => {
      pid = own;
      watch.begin(own, environment);
    };
    return talkWatch({ ...watch, begin: beginWith }, [statuses, beats], statuses.unsent);
  };
  const attend = (worker: Bereft, watch: WorkerWatch) => {
    const { pid } = worker;
    watches.set(pid, watch);
    events.watch(pid, (status) => {
      watches.delete(pid);
      watch[Symbol.dispose]();
      mains.died(pid);
      left.died(worker);
      events.push({ kind: 'death', pid, status });
    });
  };
  for (const { tried, worker, status, ...watch } of inheritedWatches(inherited)) {
    const begin = (callbacks: WatchCallbacks) => {
      if (status !== undefined) callbacks.status(status);
      return watchWorker.inherit(worker.pid, watch, callbacks);
    };
    attend(worker, listen(tried, begin));
  }
  return {
    open: (attempt) => {
      // Several workers have the same generation, and each a socket of its own.
      const name = attempt.place === undefined ? attempt.generation : attempt.attempt;
      return listen({ ...attempt, worker: attempt.place?.worker }, (callbacks) =>
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

/** What it says last is told before its end is. */
function talkWatch(
  watch: Watch,
  spaced: readonly Pick<Newest<unknown>, 'finish'>[],
  unsentStatus: () => string | undefined,
): WorkerWatch {
  return {
    ...watch,
    forSuccessor: () => {
      const inherited = watch.forSuccessor();
      return inherited && { ...inherited, status: unsentStatus() };
    },
    [Symbol.dispose]: () => {
      watch[Symbol.dispose]();
      for (const each of spaced) each.finish();
    },
  };
}

function* handedOver(watches: ReadonlyMap<number, WorkerWatch>): Generator<[number, InheritedWorkerWatch]> {
  for (const [pid, watch] of watches) {
    const inherited = watch.forSuccessor();
    if (inherited !== undefined) yield [pid, inherited];
  }
}
