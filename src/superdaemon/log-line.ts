// The line that an event is in the text log. Scripts grep for these lines: they are the reference's, word for word, where
// the reference has one.

import type { Signal } from './host.ts';
import type { LogEvent } from './log-event.ts';
import { allStartedLine, attempts, deathLine, frozenLine, keptWords, recycleReason } from './log-words.ts';

/** undefined where the text log has nothing to say. */
export function logLine(entry: LogEvent): string | undefined {
  return isUnwritten(entry) ? undefined : lineOf(entry);
}

/** Those that the reference has no line for, and nobody who reads the text log needs. log-message.ts has words for them. */
const UNWRITTEN = [
  'worker-started',
  'worker-status',
  'worker-main',
  'worker-signalled',
  'worker-leaves',
  'left-process-ended',
  'request-accepted',
  'request-refused',
  'scale-accepted',
  'retry-scheduled',
  'checking',
  'events-lost',
] as const satisfies readonly LogEvent['event'][];

export type Unwritten = Extract<LogEvent, { event: (typeof UNWRITTEN)[number] }>;

export function isUnwritten(entry: LogEvent): entry is Unwritten {
  return UNWRITTEN.some((each) => each === entry.event);
}

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: a table, an event a row.
export function lineOf(entry: Exclude<LogEvent, Unwritten>): string {
  switch (entry.event) {
    case 'starting':
    case 'set-up':
      return entry.message;
    case 'start-failed':
      return `start-server: ${entry.reason}`;
    case 'taken-over':
      return `taking over worker ${entry.pid} of generation ${entry.generation}, whose superdaemon is gone`;
    case 'worker-starting':
      return `starting new worker ${entry.pid}`;
    case 'spawn-failed':
      return `failed to start a new worker: ${entry.reason}`;
    case 'worker-failed-to-start':
      return `new worker ${entry.pid} seems to have failed to start, exit status:${entry.status}`;
    case 'worker-late':
      return `new worker ${entry.pid} is not ready after ${entry.timeoutMs / 1000} secs, sending ${plain(entry.signal)} to it`;
    case 'worker-hung':
      return `worker ${entry.pid} has been silent for ${entry.silentMs / 1000} secs, sending ${plain(entry.signal)} to it`;
    case 'recycling':
      return `recycling worker ${entry.pid}: ${recycleReason(entry)}`;
    case 'recycled':
      return `worker ${entry.successor} has taken over from worker ${entry.pid}, sending ${plain(entry.signal)} to it`;
    case 'recycle-failed':
      return `worker ${entry.pid} stays, its replacement failed, trying again in ${entry.inMs / 1000} secs: ${entry.reason}`;
    case 'worker-killed':
      return entry.maxOld === undefined
        ? `worker ${entry.pid} has not gone in time, sending KILL to it`
        : `warning: more than ${entry.maxOld} old workers have not gone, sending KILL to worker ${entry.pid} of generation ${entry.generation}`;
    case 'worker-outlived':
      return `worker ${entry.pid} of generation ${entry.generation} has ended before what it has started, telling that to go: ${entry.left.join(',')}`;
    case 'worker-tree-ended':
      return `all that worker ${entry.pid} of generation ${entry.generation} had started has gone`;
    case 'all-started':
      return allStartedLine(entry);
    case 'worker-keeps-failing':
      return `worker ${entry.worker} has failed to start ${entry.attempts === 1 ? 'once' : `${entry.attempts} times`}, trying on: ${entry.reason}`;
    case 'scaled':
      return `scaling from ${entry.from} to ${entry.to} workers`;
    case 'worker-left-behind':
      return `warning: worker ${entry.leftBy} of generation ${entry.generation} has left process ${entry.pid} behind, which still has our sockets: ${entry.command}`;
    case 'cancel-requested':
      return 'a client calls the deploy off';
    case 'frozen':
      return frozenLine(entry);
    case 'check-said':
      return `check: ${entry.line}`;
    case 'check-refused':
      return `${entry.reason}: deploy refused, generation ${entry.keeps} keeps serving`;
    case 'canary-started':
      return `worker ${entry.pid} is the canary of generation ${entry.generation}, judged in ${entry.judgedInMs / 1000} secs`;
    case 'canary-checking':
      return `checking the canary, worker ${entry.pid}`;
    case 'canary-passed':
      return `the canary has passed, the deploy of generation ${entry.generation} goes on`;
    case 'canary-skipped':
      return `no old worker serves any more, the deploy of generation ${entry.generation} goes on without a verdict on its canary`;
    case 'canary-refused':
      return `${entry.reason}: deploy refused, generation ${entry.keeps} keeps serving`;
    case 'given-up':
      return `giving up after ${attempts(entry)}, ${keptWords(entry)}`;
    case 'start-given-up':
      return `giving up after ${attempts(entry)}, telling the new workers to go: ${entry.reason}`;
    case 'worker-died':
      return deathLine(entry);
    case 'socket-rebound':
      return `worker ${entry.pid} alone has the new socket: deploying it to the others, too`;
    case 'hup':
      return 'received HUP, spawning a new worker';
    case 'auto-restart':
      return `autorestart triggered (${entry.forced ? 'forced, ' : ''}interval=${entry.intervalMs / 1000})`;
    case 'deployed':
      return `new worker is now running, sending ${plain(entry.signal)} to old workers:${entry.oldPids.join(',') || 'none'}`;
    case 'slot-rolled':
      return `worker ${entry.worker} is of generation ${entry.generation} now, sending ${plain(entry.signal)} to old workers:${entry.oldPids.join(',') || 'none'}`;
    case 'kill-old-delay':
      return `sleeping ${entry.delayMs / 1000} secs before killing old workers`;
    case 'retiring':
      return 'killing old workers';
    case 'stopping':
      return `received ${plain(entry.received)}, sending ${plain(entry.signal)} to all workers:${entry.pids.join(',')}`;
    case 'exiting':
      return 'exiting';
    case 'upgrade-requested':
      return 'received USR2, replacing this program by the one on the disk';
    case 'upgrade-refused':
      return `cannot be replaced, going on: ${entry.reason}`;
    case 'upgraded':
      return `replaced version ${entry.from} by version ${entry.to}`;
    case 'reconfigure-requested':
      return 'a client has new options, replacing this program by the one on the disk';
    case 'reconfigured':
      return `options are now: ${entry.words.join(' ')}`;
    case 'log-reopened':
      return 'received USR1, reopened the log file';
    case 'hook-failed':
      return `the hook for ${entry.trigger} ${entry.reason}: ${entry.command}`;
    case 'hooks-dropped':
      return `hooks are too slow: of ${entry.count} more events nobody is told`;
    case 'warning':
      return `warning: ${entry.message}`;
    case 'internal-error':
      return `internal error, carrying on: ${entry.stack}`;
    default:
      return unknown(entry);
  }
}

function plain(signal: Signal): string {
  return signal.slice(3);
}

function unknown(entry: never): string {
  return JSON.stringify(entry);
}
