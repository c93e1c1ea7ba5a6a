// The watches of the live workers, wired to the event queue. Each goes with its worker's death.

import type { Holdings } from '../handover/holdings.ts';
import type { Attempt } from '../superdaemon/host.ts';
import type { Table } from '../superdaemon/state.ts';
import type { EventQueue } from '../workers/event-queue.ts';
import type { Bereft, LeftBehind } from '../workers/left-behind.ts';
import { type Newest, newest } from '../workers/newest.ts';
import type { InheritedWatch, Saying, Watch, WatchWorker } from '../workers/readiness.ts';
import type { Log } from './telling.ts';

export interface WorkerWatches {
  /** Before the spawn. */
  open(attempt: Attempt): TalkWatch;
  /** From the spawn on: its death is an event. */
  attend(worker: Bereft, watch: TalkWatch): void;
  /** For a program that takes over, by pid. */
  handOver(): ReadonlyMap<number, InheritedTalk>;
}

export interface InheritedTalk extends InheritedWatch {
  /** The worker's last STATUS, if nobody has been told of it yet. */
  readonly status: string | undefined;
}

export interface TalkWatch extends Watch {
  handOver(): InheritedTalk | undefined;
}

export interface WatchingWorld {
  readonly watchWorker: WatchWorker;
  readonly events: Pick<EventQueue, 'watch' | 'push'>;
  readonly log: Pick<Log, 'write'>;
  readonly left: Pick<LeftBehind, 'died'>;
  readonly inherited: Inheritance | undefined;
}

interface Inheritance extends Pick<Holdings, 'watches' | 'events' | 'orphans'> {
  readonly table: Pick<Table, 'workers'>;
}

type Tried = Pick<Attempt, 'generation' | 'attempt'>;

const silent: InheritedTalk = { pipe: undefined, socket: undefined, status: undefined };

/** A STATUS that another one follows sooner is not worth a line in the log, nor the while of those who listen. */
const STATUS_SPACING_MS = 100;

export function workerWatches({ watchWorker, events, log, left, inherited }: WatchingWorld): WorkerWatches {
  const watches = new Map<number, TalkWatch>();
  const listen = ({ generation, attempt }: Tried, begin: (saying: Saying) => Watch): TalkWatch => {
    const statuses = newest<string>(STATUS_SPACING_MS, (text) =>
      log.write({ event: 'worker-status', generation, text }),
    );
    const ready = () => events.push({ kind: 'ready', attempt });
    return talkWatch(begin({ ready, status: statuses.say }), statuses);
  };
  const attend = (worker: Bereft, watch: TalkWatch) => {
    const { pid } = worker;
    watches.set(pid, watch);
    events.watch(pid, (status) => {
      watches.delete(pid);
      watch[Symbol.dispose]();
      left.died(worker);
      events.push({ kind: 'death', pid, status });
    });
  };
  for (const worker of inherited === undefined ? [] : children(inherited)) {
    const { status, ...watch } = inherited?.watches.get(worker.pid) ?? silent;
    attend(
      worker,
      listen(worker, (saying) => {
        if (status !== undefined) saying.status(status);
        return watchWorker.inherit(worker.pid, watch, saying);
      }),
    );
  }
  return {
    open: (attempt) => listen(attempt, (saying) => watchWorker.open(attempt.generation, saying)),
    attend,
    handOver: () => new Map(handedOver(watches)),
  };
}

/** What it says last is told before its end is. */
function talkWatch(watch: Watch, statuses: Newest<string>): TalkWatch {
  return {
    ...watch,
    handOver: () => {
      const inherited = watch.handOver();
      return inherited && { ...inherited, status: statuses.untold() };
    },
    [Symbol.dispose]: () => {
      watch[Symbol.dispose]();
      statuses.finish();
    },
  };
}

/** Our children: not those that were taken over, nor one whose death waits among the events and has no pid any more. */
function children({ table, events, orphans }: Inheritance) {
  const reaped = events.map((event) => (event.kind === 'death' ? event.pid : undefined));
  const others = [...reaped, ...orphans.map(({ pid }) => pid)];
  return table.workers.filter(({ pid }) => !others.includes(pid));
}

function* handedOver(watches: ReadonlyMap<number, TalkWatch>): Generator<[number, InheritedTalk]> {
  for (const [pid, watch] of watches) {
    const inherited = watch.handOver();
    if (inherited !== undefined) yield [pid, inherited];
  }
}
