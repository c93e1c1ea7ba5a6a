// Everything that the superdaemon reports, by stable name, and the line that it is in the text log. Scripts grep for
// these lines: they are the reference's, word for word, where the reference has one.

import type { LiveGeneration, Signal } from './host.ts';

/** A worker; in a pool with its slot. */
type Named = LiveGeneration;

export type LogEvent =
  /** The first line; the log begins where the set-up ends. */
  | { readonly event: 'starting'; readonly message: string }
  | { readonly event: 'set-up'; readonly message: string }
  | { readonly event: 'start-failed'; readonly reason: string }
  /** It outlived a superdaemon that was killed, and is an old worker of ours now. */
  | ({ readonly event: 'taken-over' } & Named)
  | ({ readonly event: 'worker-starting' } & Named)
  | {
      readonly event: 'spawn-failed';
      readonly generation: number;
      readonly worker?: number;
      readonly reason: string;
      readonly fault?: 'superdaemon';
    }
  | ({ readonly event: 'worker-failed-to-start'; readonly status: number } & Named)
  /** A slot of the pool that serves fails again and again; it is tried on. */
  | {
      readonly event: 'worker-keeps-failing';
      readonly generation: number;
      readonly worker: number;
      readonly attempts: number;
      readonly reason: string;
    }
  | ({
      readonly event: 'worker-died';
      /** undefined: it was taken over, and nobody can tell. */
      readonly status: number | undefined;
      readonly role: 'current' | 'old' | 'stopping';
    } & Named)
  /** It serves. The only worker is current now; those of a pool become so together. */
  | ({ readonly event: 'worker-started' } & Named)
  /** All workers of the pool have started. */
  | { readonly event: 'all-started'; readonly generation: number; readonly workers: number }
  /** Its own words on what it does. */
  | {
      readonly event: 'worker-status';
      readonly generation: number;
      readonly text: string;
      /** In a pool. */
      readonly worker?: number;
      readonly pid?: number;
    }
  /** It is told to go, for it did not become ready in time. */
  | ({ readonly event: 'worker-late'; readonly timeoutMs: number; readonly signal: Signal } & Named)
  /** It has been told to go. */
  | ({ readonly event: 'worker-signalled'; readonly signal: Signal } & Named)
  /** It has not gone in time after its signal. */
  | ({ readonly event: 'worker-killed' } & Named)
  /** It is about to be reported dead, and processes that it has started live on with our sockets. */
  | {
      readonly event: 'worker-leaves';
      readonly generation: number;
      readonly pid: number;
      readonly left: readonly number[];
    }
  /** One of them still does so after a moment. */
  | {
      readonly event: 'worker-left-behind';
      readonly generation: number;
      readonly leftBy: number;
      readonly pid: number;
      readonly command: string;
    }
  | { readonly event: 'left-process-ended'; readonly generation: number; readonly pid: number }
  | { readonly event: 'hup'; readonly deploy: number }
  /** A client's request is served by this deploy, or by a later one. */
  | { readonly event: 'request-accepted'; readonly request: number; readonly deploy: number }
  /** The pool is going to have so many workers; `scaled` follows where it has not, and in the end `all-started`. */
  | { readonly event: 'scale-accepted'; readonly request: number; readonly workers: number }
  | { readonly event: 'scaled'; readonly from: number; readonly to: number }
  /** It cannot be: nothing comes of it. */
  | { readonly event: 'request-refused'; readonly request: number; readonly reason: string }
  /** By a client: `given-up` follows, or `request-refused`. */
  | { readonly event: 'cancel-requested'; readonly request: number }
  /** An attempt has failed, or a worker has died: the next one comes in so many milliseconds. */
  | { readonly event: 'retry-scheduled'; readonly inMs: number }
  | {
      readonly event: 'auto-restart';
      readonly deploy: number;
      readonly intervalMs: number;
      readonly forced: boolean;
    }
  | { readonly event: 'checking'; readonly generation: number }
  /** A line of what the check wrote to its standard error. */
  | { readonly event: 'check-said'; readonly generation: number; readonly line: string }
  | {
      readonly event: 'check-refused';
      readonly deploy: number;
      readonly generation: number;
      readonly reason: string;
      /** The generation that serves on. */
      readonly keeps: number;
    }
  | {
      readonly event: 'given-up';
      readonly deploy: number;
      readonly attempts: number;
      /** The slot that failed so often, in a pool. */
      readonly worker?: number;
      /** Of the last attempt. */
      readonly reason: string;
      readonly keeps: number;
    }
  /** Of a pool: those that have started are told to go, and we end. */
  | {
      readonly event: 'start-given-up';
      readonly attempts: number;
      readonly worker?: number;
      readonly reason: string;
    }
  | {
      readonly event: 'deployed';
      /** undefined: nobody asked for one, it was a worker that died. */
      readonly deploy: number | undefined;
      readonly generation: number;
      readonly pid: number;
      readonly signal: Signal;
      readonly oldPids: readonly number[];
      /** The old ones, and those that were told to go before. */
      readonly leaving: readonly number[];
    }
  | { readonly event: 'kill-old-delay'; readonly delayMs: number }
  | { readonly event: 'retiring' }
  | {
      readonly event: 'stopping';
      readonly received: Signal;
      readonly signal: Signal;
      readonly pids: readonly number[];
    }
  | { readonly event: 'exiting' }
  | { readonly event: 'upgrade-requested' }
  /** The program on the disk cannot take over; this one goes on. */
  | { readonly event: 'upgrade-refused'; readonly reason: string }
  /** This program has taken over from the one before it. */
  | {
      readonly event: 'upgraded';
      readonly from: string;
      readonly to: string;
      /** The name that led to it; undefined: Node and its script. */
      readonly program: string | undefined;
    }
  | { readonly event: 'log-reopened' }
  | { readonly event: 'warning'; readonly message: string }
  | { readonly event: 'internal-error'; readonly stack: string };

export function internalError(error: unknown): LogEvent {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { event: 'internal-error', stack };
}

/** undefined where the text log has nothing to say. */
export function logLine(entry: LogEvent): string | undefined {
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
    case 'worker-killed':
      return `worker ${entry.pid} has not gone in time, sending KILL to it`;
    case 'worker-started':
    case 'worker-status':
    case 'worker-signalled':
    case 'request-accepted':
    case 'scale-accepted':
    case 'request-refused':
    case 'retry-scheduled':
    case 'checking':
    case 'worker-leaves':
    case 'left-process-ended':
      return undefined;
    case 'all-started':
      return `all ${entry.workers} workers of generation ${entry.generation} have started`;
    case 'worker-keeps-failing':
      return `worker ${entry.worker} has failed to start ${entry.attempts} times, trying on: ${entry.reason}`;
    case 'scaled':
      return `scaling from ${entry.from} to ${entry.to} workers`;
    case 'worker-left-behind':
      return `warning: worker ${entry.leftBy} of generation ${entry.generation} has left process ${entry.pid} behind, which still has our sockets: ${entry.command}`;
    case 'cancel-requested':
      return 'a client calls the deploy off';
    case 'check-said':
      return `check: ${entry.line}`;
    case 'check-refused':
      return `${entry.reason}: deploy refused, generation ${entry.keeps} keeps serving`;
    case 'given-up':
      return `giving up after ${attempts(entry)}, generation ${entry.keeps} keeps serving`;
    case 'start-given-up':
      return `giving up after ${attempts(entry)}, telling all workers to go: ${entry.reason}`;
    case 'worker-died':
      return deathLine(entry);
    case 'hup':
      return 'received HUP, spawning a new worker';
    case 'auto-restart':
      return `autorestart triggered (${entry.forced ? 'forced, ' : ''}interval=${entry.intervalMs / 1000})`;
    case 'deployed':
      return `new worker is now running, sending ${plain(entry.signal)} to old workers:${entry.oldPids.join(',') || 'none'}`;
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
    case 'log-reopened':
      return 'received USR1, reopened the log file';
    case 'warning':
      return `warning: ${entry.message}`;
    case 'internal-error':
      return `internal error, carrying on: ${entry.stack}`;
    default:
      return unknown(entry);
  }
}

function deathLine(death: Extract<LogEvent, { event: 'worker-died' }>): string {
  const status = `status:${death.status ?? 'unknown'}`;
  switch (death.role) {
    case 'current':
      return `worker ${death.pid} died unexpectedly with ${status}, restarting`;
    case 'old':
      return `old worker ${death.pid} died, ${status}`;
    case 'stopping':
      return `worker ${death.pid} died, ${status}`;
  }
}

function attempts({ attempts, worker }: { readonly attempts: number; readonly worker?: number }): string {
  return `${attempts} attempts${worker === undefined ? '' : ` of worker ${worker}`}`;
}

function plain(signal: Signal): string {
  return signal.slice(3);
}

function unknown(entry: never): string {
  return JSON.stringify(entry);
}
