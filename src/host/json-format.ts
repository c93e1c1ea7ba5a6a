// --log-format=json: each event an object on a line of its own, made by pino. The names of events and fields are an
// interface: they are documented, and stay. Loaded only when it is asked for.

import pino from 'pino';
import type { LogFormat } from '../files/log.ts';
import { printableJson } from '../printable.ts';
import { levelOf } from '../superdaemon/event-level.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { logLine } from '../superdaemon/log-line.ts';

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

/** A wait status in plain words, beside it. */
function ending(entry: LogEvent): { readonly exitCode?: number; readonly endedBySignal?: number } {
  if (!('status' in entry) || entry.status === undefined) return {};
  const signal = entry.status & 0x7f;
  return signal === 0 ? { exitCode: entry.status >> 8 } : { endedBySignal: signal };
}
