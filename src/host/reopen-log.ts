import type { Output } from '../files/output.ts';
import type { Log } from './event-log.ts';

/** On USR1, after a log rotation. When the new file cannot be opened the old one goes on. */
export function reopenLog(output: Output, log: Log): void {
  try {
    if (output.reopen()) log.write({ event: 'log-reopened' });
  } catch (error) {
    log.write({ event: 'warning', message: error instanceof Error ? error.message : String(error) });
  }
}
