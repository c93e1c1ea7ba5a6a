// The watches of the live workers, wired to the event queue. Each goes with its worker's death.

import type { Holdings } from '../handover/holdings.ts';
import type { EventQueue } from '../workers/event-queue.ts';
import type { Bereft, LeftBehind } from '../workers/left-behind.ts';
import type { InheritedWatch, Saying, Watch, WatchWorker } from '../workers/readiness.ts';
import type { Log } from './telling.ts';

export interface WorkerWatches {
  /** Before the spawn. */
  open(generation: number): Watch;
  /** From the spawn on: its death is an event. */
  attend(worker: Bereft, watch: Watch): void;
  /** For a program that takes over, by pid. */
  handOver(): ReadonlyMap<number, InheritedWatch>;
}

export interface WatchingWorld {
  readonly watchWorker: WatchWorker;
  readonly events: EventQueue;
  readonly log: Log;
  readonly left: LeftBehind;
  readonly inherited: Pick<Holdings, 'table' | 'watches' | 'events' | 'orphans'> | undefined;
}

const silent: InheritedWatch = { pipe: undefined, socket: undefined };

export function workerWatches({ watchWorker, events, log, left, inherited }: WatchingWorld): WorkerWatches {
  const watches = new Map<number, Watch>();
  const saying = (generation: number): Saying => ({
    ready: () => events.push({ kind: 'ready', generation }),
    status: (text) => log.write({ event: 'worker-status', generation, text }),
  });
  const attend = (worker: Bereft, watch: Watch) => {
    const { pid } = worker;
    watches.set(pid, watch);
    events.watch(pid, (status) => {
      watches.delete(pid);
      watch[Symbol.dispose]();
      left.died(worker);
      events.push({ kind: 'death', pid, status });
    });
  };
  for (const { generation, pid } of inherited === undefined ? [] : children(inherited)) {
    const watch = inherited?.watches.get(pid) ?? silent;
    attend({ generation, pid }, watchWorker.inherit(pid, watch, saying(generation)));
  }
  return {
    open: (generation) => watchWorker.open(generation, saying(generation)),
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
