// --log-format=json: each event an object on a line of its own, made by pino. The names of events and fields are an
// interface: they are documented, and stay. Loaded only when it is asked for.

import pino from 'pino';
import type { LogFormat } from '../files/log.ts';
import { signalName } from '../posix/process/signals.ts';
import { printableJson } from '../printable.ts';
import type { Signal } from '../superdaemon/host.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { logMessage } from '../superdaemon/log-message.ts';
import { endOf } from '../superdaemon/wait-status.ts';

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
    logger[levelOf(entry)]({ ...entry, ...ending(entry) }, logMessage(entry));
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

interface Ending {
  readonly exitCode?: number;
  readonly signal?: Signal;
  readonly endedBySignal?: number;
}

/** A wait status in plain words, beside it. */
function ending(entry: LogEvent): Ending {
  if (!('status' in entry) || entry.status === undefined) return {};
  const end = endOf(entry.status);
  if ('exitCode' in end) return end;
  const { signalNumber } = end;
  return { signal: signalName(signalNumber), endedBySignal: signalNumber };
}
