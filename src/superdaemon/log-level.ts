// How much an event matters. error: what was wanted did not come about; warn: it did, but not as it should; debug: of use to
// who seeks a fault.

import type { LogEvent } from './log-event.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export function logLevel(entry: LogEvent): LogLevel {
  if (entry.event === 'worker-died' && (entry.role === 'current' || entry.role === 'canary')) return 'error';
  // One that this program does not know comes from a newer one.
  return LEVELS[entry.event] ?? 'info';
}

const LEVELS: Readonly<Record<LogEvent['event'], LogLevel>> = {
  starting: 'info',
  'set-up': 'info',
  'start-failed': 'error',
  'taken-over': 'info',
  'worker-starting': 'info',
  'spawn-failed': 'error',
  'worker-failed-to-start': 'error',
  'worker-keeps-failing': 'error',
  'worker-died': 'info',
  'worker-started': 'info',
  'all-started': 'info',
  'worker-status': 'debug',
  'worker-main': 'debug',
  'worker-late': 'error',
  'worker-hung': 'error',
  recycling: 'info',
  recycled: 'info',
  'recycle-failed': 'error',
  'worker-signalled': 'info',
  'worker-killed': 'warn',
  'worker-outlived': 'info',
  'worker-tree-ended': 'info',
  'worker-leaves': 'debug',
  'worker-left-behind': 'warn',
  'left-process-ended': 'debug',
  hup: 'info',
  'request-accepted': 'debug',
  'scale-accepted': 'debug',
  scaled: 'info',
  'request-refused': 'debug',
  'cancel-requested': 'info',
  'retry-scheduled': 'debug',
  'auto-restart': 'info',
  'socket-rebound': 'info',
  checking: 'info',
  'check-said': 'info',
  frozen: 'info',
  'check-refused': 'error',
  'canary-started': 'info',
  'canary-checking': 'info',
  'canary-passed': 'info',
  'canary-skipped': 'info',
  'canary-refused': 'error',
  'slot-rolled': 'info',
  'given-up': 'error',
  'start-given-up': 'error',
  deployed: 'info',
  'kill-old-delay': 'info',
  retiring: 'info',
  stopping: 'info',
  exiting: 'info',
  'upgrade-requested': 'info',
  'upgrade-refused': 'error',
  upgraded: 'info',
  'reconfigure-requested': 'info',
  reconfigured: 'info',
  'log-reopened': 'info',
  'events-lost': 'warn',
  'hook-failed': 'warn',
  'hooks-dropped': 'warn',
  warning: 'warn',
  'internal-error': 'error',
};

export const eventNames: readonly string[] = Object.keys(LEVELS);
