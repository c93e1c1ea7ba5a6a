// --metrics-file: for node_exporter's textfile collector. Written when something happens, and every 15 s for the rest: memory,
// processor time, queues. It wakes the superdaemon, so it is asked for. It is bookkeeping: when it cannot be written, say so once,
// and carry on.

import type { StatusSource } from '../control/status-source.ts';
import { replaceFile } from '../files/replace-file.ts';
import { removeOwnFile } from '../posix/file/own-file.ts';
import { reason } from '../posix/libc/system-error.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { Newest } from '../workers/newest.ts';
import { metricsOfHello } from './report-metrics.ts';

export interface MetricsFile extends Disposable {
  onEvent(event: LogEvent): void;
}

interface MetricsWorld {
  readonly status: Pick<StatusSource, 'hello'>;
  readonly warn: (message: string) => void;
}

const EVERY_MS = 15_000;
/** However much happens. */
const AT_MOST_EVERY_MS = 1000;
/** Readable for the collector, which is another user. */
const MODE = 0o644;

/** It exists as long as we do. */
export function metricsFile(path: string, { status, warn }: MetricsWorld): MetricsFile {
  let remove = () => {};
  let complaint: string | undefined;
  const write = () => {
    try {
      replaceFile(path, `${metricsOfHello(status.hello(0, 'status'), process.pid, path)}\n`, MODE);
      remove = removeOwnFile(path);
      complaint = undefined;
    } catch (error) {
      const why = reason(error);
      if (why !== complaint) warn(`cannot write metrics file ${path}: ${why}`);
      complaint = why;
    }
  };
  write();
  const happened = new Newest<true>(AT_MOST_EVERY_MS, write);
  const timer = setInterval(write, EVERY_MS);
  return {
    // The complaint is an event itself.
    onEvent: ({ event }) => (event === 'warning' ? undefined : happened.say(true)),
    [Symbol.dispose]: () => {
      clearInterval(timer);
      happened.finish();
      remove();
    },
  };
}
