// Every event in words: its line of the text log; where that has none, because the reference has none, a sentence.

import type { LogEvent } from './log-event.ts';
import { isUnwritten, lineOf, type Unwritten } from './log-line.ts';

export function logMessage(entry: LogEvent): string {
  return isUnwritten(entry) ? sentence(entry) : lineOf(entry);
}

function sentence(entry: Unwritten): string {
  switch (entry.event) {
    case 'worker-started':
      return `worker ${entry.pid} has started`;
    case 'worker-status':
      return `the worker says: ${entry.text}`;
    case 'worker-main':
      return `process ${entry.main} serves for worker ${entry.pid}, and gets its signals`;
    case 'worker-signalled':
      return `sent ${entry.signal.slice(3)} to worker ${entry.pid}`;
    case 'worker-leaves':
      return `worker ${entry.pid} leaves processes behind, which still have our sockets: ${entry.left.join(', ')}`;
    case 'left-process-ended':
      return `process ${entry.pid}, which a worker had left behind, has ended`;
    case 'request-accepted':
      return `a client asks for a deploy, it is number ${entry.deploy}`;
    case 'request-refused':
      return `a client asks in vain: ${entry.reason}`;
    case 'scale-accepted':
      return `a client asks for ${entry.workers} workers`;
    case 'retry-scheduled':
      return `the next attempt comes in ${entry.inMs / 1000} secs`;
    case 'checking':
      return `checking the release for generation ${entry.generation}`;
    case 'events-lost':
      return `events that this reader was too slow for, and has not got: ${entry.lost}`;
  }
}
