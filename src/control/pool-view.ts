// How many workers of a pool's newest generation have started.

import type { LogEvent } from '../superdaemon/log-event.ts';

export interface PoolView {
  take(event: LogEvent): void;
  /** `3 of 4 started; `; nothing where there is no pool, or it is not known how many there are to be. */
  describe(): string;
  /** `4 workers`; undefined where there is no pool. */
  describeSize(): string | undefined;
}

/** `begins`: how many there are to be, where that is known. */
export function poolView(begins?: number): PoolView {
  let workers = begins;
  let newest = 0;
  /** Their pids, by slot. */
  const started = new Map<number, number>();
  return {
    take: (event) => {
      switch (event.event) {
        case 'request-accepted':
          workers = event.workers ?? workers;
          return;
        case 'scaled':
          workers = event.to;
          return;
        case 'worker-starting':
          if (event.generation > newest) started.clear();
          newest = Math.max(newest, event.generation);
          return;
        case 'worker-started':
          if (event.worker !== undefined && event.generation === newest) started.set(event.worker, event.pid);
          return;
        case 'worker-died':
        case 'worker-failed-to-start':
          if (event.worker !== undefined && started.get(event.worker) === event.pid)
            started.delete(event.worker);
      }
    },
    describeSize: () => (workers === undefined ? undefined : sizeInWords(workers)),
    describe: () => (workers === undefined || newest === 0 ? '' : `${started.size} of ${workers} started; `),
  };
}

export function sizeInWords(workers: number): string {
  return `${workers} ${workers === 1 ? 'worker' : 'workers'}`;
}
