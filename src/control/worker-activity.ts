// What the newest worker is about, in words.

import type { LogEvent } from '../superdaemon/log-event.ts';
import { logLine } from '../superdaemon/log-line.ts';

/** undefined: the event says nothing of that. */
export function workerActivity(event: LogEvent): string | undefined {
  switch (event.event) {
    case 'checking':
      return `the check for generation ${event.generation} is running`;
    case 'worker-starting':
      return `generation ${event.generation}, ${nameOf(event)}, is starting`;
    case 'worker-late':
    case 'worker-failed-to-start':
      return `generation ${event.generation}, ${nameOf(event)}, has failed to start`;
    case 'slot-rolled':
      return `generation ${event.generation} has worker ${event.worker}, the next waits for room`;
    case 'canary-started':
    case 'canary-checking':
    case 'canary-passed':
    case 'canary-skipped':
      return logLine(event);
    default:
      return undefined;
  }
}

function nameOf({ worker, pid }: { readonly worker?: number | undefined; readonly pid: number }): string {
  return worker === undefined ? `pid ${pid}` : `worker ${worker}, pid ${pid}`;
}
