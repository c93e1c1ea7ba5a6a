// The log, and who else hears of what happens.

import { type Log, type LogFormat, openLog } from '../files/log.ts';
import type { StartOptions } from '../invocation.ts';
import { printable } from '../printable.ts';
import { type LogEvent, logLine } from '../superdaemon/log-event.ts';

export interface Telling {
  readonly log: Log;
  alsoTell(hear: (event: LogEvent) => void): void;
}

const STDERR = 2;

/** `begins`: what the program before this one has not written. */
export async function openTelling(options: StartOptions, begins: string | undefined): Promise<Telling> {
  const log = openLog(STDERR, await logFormat(options), begins);
  const hearers = [log.write];
  const write = (event: LogEvent) => {
    for (const hear of hearers) hear(event);
  };
  return { log: { ...log, write }, alsoTell: (hear) => void hearers.push(hear) };
}

/** What only the one needs is loaded for it alone. */
async function logFormat({ logFormat }: StartOptions): Promise<LogFormat> {
  return logFormat === 'text' ? textLine : (await import('../files/json-format.ts')).jsonFormat();
}

/** An event is one line, whatever the file names in it hold; a stack is of our own making. */
function textLine(entry: LogEvent): string | undefined {
  const line = logLine(entry);
  return line === undefined || entry.event === 'internal-error' ? line : printable(line);
}
