// --log-format=json: each event an object on a line of its own, made by pino. The names of events and fields are an
// interface: they are documented, and stay. Loaded only when it is asked for.

import pino from 'pino';
import type { LogFormat } from '../files/log.ts';
import { printableJson } from '../printable.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { logLine } from '../superdaemon/log-line.ts';

type Level = 'debug' | 'info' | 'warn' | 'error';

export function jsonFormat(): LogFormat {
  let line = '';
  const logger = pino(
    {
      level: 'debug',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      // `pid` is the worker's.
      base: { superdaemon: process.pid },
    },
    {
      write: (text) => {
        line = printableJson(text.trimEnd());
      },
    },
  );
  return (entry) => {
    logger[levelOf(entry)]({ ...entry, ...ending(entry) }, logLine(entry));
    return line;
  };
}

/** error: what was wanted did not come about; warn: it did, but not as it should; debug: of use to who seeks a fault. */
function levelOf(entry: LogEvent): Level {
  switch (entry.event) {
    case 'start-failed':
    case 'spawn-failed':
    case 'worker-failed-to-start':
    case 'worker-late':
    case 'check-refused':
    case 'given-up':
    case 'start-given-up':
    case 'worker-keeps-failing':
    case 'upgrade-refused':
    case 'internal-error':
      return 'error';
    case 'worker-died':
      return entry.role === 'current' ? 'error' : 'info';
    case 'worker-killed':
    case 'worker-left-behind':
    case 'warning':
      return 'warn';
    case 'worker-leaves':
    case 'left-process-ended':
    case 'worker-status':
    case 'worker-main':
    case 'request-accepted':
    case 'request-refused':
    case 'scale-accepted':
    case 'retry-scheduled':
      return 'debug';
    default:
      return 'info';
  }
}

/** A wait status in plain words, beside it. */
function ending(entry: LogEvent): { readonly exitCode?: number; readonly endedBySignal?: number } {
  if (!('status' in entry) || entry.status === undefined) return {};
  const signal = entry.status & 0x7f;
  return signal === 0 ? { exitCode: entry.status >> 8 } : { endedBySignal: signal };
}
