// Everything that the superdaemon reports, by stable name, and the line that it is in the text log. Scripts grep for
// these lines: they are the reference's, word for word, where the reference has one.

import type { Signal } from './host.ts';

export type LogEvent =
  | { readonly event: 'worker-starting'; readonly generation: number; readonly pid: number }
  | { readonly event: 'spawn-failed'; readonly generation: number; readonly reason: string }
  | {
      readonly event: 'worker-failed-to-start';
      readonly generation: number;
      readonly pid: number;
      readonly status: number;
    }
  | {
      readonly event: 'worker-died';
      readonly generation: number;
      readonly pid: number;
      readonly status: number;
      readonly role: 'current' | 'old' | 'stopping';
    }
  | { readonly event: 'hup' }
  | { readonly event: 'auto-restart'; readonly intervalMs: number; readonly forced: boolean }
  | { readonly event: 'deployed'; readonly signal: Signal; readonly oldPids: readonly number[] }
  | { readonly event: 'kill-old-delay'; readonly delayMs: number }
  | { readonly event: 'retiring' }
  | {
      readonly event: 'stopping';
      readonly received: Signal;
      readonly signal: Signal;
      readonly pids: readonly number[];
    }
  | { readonly event: 'exiting' }
  | { readonly event: 'log-reopened' }
  | { readonly event: 'warning'; readonly message: string }
  | { readonly event: 'internal-error'; readonly stack: string };

export function internalError(error: unknown): LogEvent {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { event: 'internal-error', stack };
}

export function logLine(entry: LogEvent): string {
  switch (entry.event) {
    case 'worker-starting':
      return `starting new worker ${entry.pid}`;
    case 'spawn-failed':
      return `failed to start a new worker: ${entry.reason}`;
    case 'worker-failed-to-start':
      return `new worker ${entry.pid} seems to have failed to start, exit status:${entry.status}`;
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
  switch (death.role) {
    case 'current':
      return `worker ${death.pid} died unexpectedly with status:${death.status}, restarting`;
    case 'old':
      return `old worker ${death.pid} died, status:${death.status}`;
    case 'stopping':
      return `worker ${death.pid} died, status:${death.status}`;
  }
}

function plain(signal: Signal): string {
  return signal.slice(3);
}

function unknown(entry: never): string {
  return JSON.stringify(entry);
}
