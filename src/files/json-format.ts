// --log-format=json: each event an object on a line of its own, made by pino. The names of events and fields are an
// interface: they are documented, and stay. Loaded only when it is asked for.

import pino from 'pino';
import { signalName } from '../posix/process/signals.ts';
import { printableJson } from '../printable.ts';
import type { Signal } from '../superdaemon/host.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { logLevel } from '../superdaemon/log-level.ts';
import { logMessage } from '../superdaemon/log-message.ts';
import { endOf } from '../superdaemon/wait-status.ts';
import type { LogFormat } from './log.ts';

/** `superdaemon`: its pid. */
export function jsonFormat(superdaemon = process.pid): LogFormat {
  let line = '';
  let time = 0;
  const logger = pino(
    {
      level: 'debug',
      timestamp: () => `,"time":"${new Date(time).toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
      // `pid` is the worker's.
      base: { superdaemon },
    },
    {
      write: (text) => {
        line = printableJson(text.trimEnd());
      },
    },
  );
  return (entry, at) => {
    time = at;
    logger[logLevel(entry)]({ ...entry, ...ending(entry) }, logMessage(entry));
    return line;
  };
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
