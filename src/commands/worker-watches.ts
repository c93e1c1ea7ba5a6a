// The watches of the live workers, wired to the event queue. Each goes with its worker's death.

import type { Holdings } from '../handover/holdings.ts';
import type { Attempt } from '../superdaemon/host.ts';
import type { EventQueue } from '../workers/event-queue.ts';
import type { InheritedWatch, Saying, Watch, WatchWorker } from '../workers/readiness.ts';
import type { Log } from './telling.ts';

export interface WorkerWatches {
  /** Before the spawn. */
  open(attempt: Attempt): Watch;
  /** From the spawn on: its death is an event. */
  attend(pid: number, watch: Watch): void;
  /** For a program that takes over, by pid. */
  handOver(): ReadonlyMap<number, InheritedWatch>;
}

export interface WatchingWorld {
  readonly watchWorker: WatchWorker;
  readonly events: EventQueue;
  readonly log: Log;
  readonly inherited: Pick<Holdings, 'table' | 'watches' | 'events' | 'orphans'> | undefined;
}

const silent: InheritedWatch = { pipe: undefined, socket: undefined };

export function workerWatches({ watchWorker, events, log, inherited }: WatchingWorld): WorkerWatches {
  const watches = new Map<number, Watch>();
  const saying = ({ generation, attempt }: Pick<Attempt, 'generation' | 'attempt'>): Saying => ({
    ready: () => events.push({ kind: 'ready', attempt }),
    status: (text) => log.write({ event: 'worker-status', generation, text }),
  });
  const attend = (pid: number, watch: Watch) => {
    watches.set(pid, watch);
    events.watch(pid, (status) => {
      watches.delete(pid);
      watch[Symbol.dispose]();
      events.push({ kind: 'death', pid, status });
    });
  };
  for (const worker of inherited === undefined ? [] : children(inherited)) {
    const { pid } = worker;
    const watch = inherited?.watches.get(pid) ?? silent;
    attend(pid, watchWorker.inherit(pid, watch, saying(worker)));
  }
  return {
    open: (attempt) => watchWorker.open(attempt.generation, saying(attempt)),
    attend,
    handOver: () => new Map(handedOver(watches)),
  };
}

/** Our children: not those that were taken over, nor one whose death waits among the events and has no pid any more. */
function children({ table, events, orphans }: Pick<Holdings, 'table' | 'events' | 'orphans'>) {
  const reaped = events.map((event) => (event.kind === 'death' ? event.pid : undefined));
  const others = [...reaped, ...orphans.map(({ pid }) => pid)];
  return table.workers.filter(({ pid }) => !others.includes(pid));
}

function* handedOver(watches: ReadonlyMap<number, Watch>): Generator<[number, InheritedWatch]> {
  for (const [pid, watch] of watches) {
    const inherited = watch.handOver();
    if (inherited !== undefined) yield [pid, inherited];
  }
}
