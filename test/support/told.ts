// What a superdaemon tells of itself, event by event: the lines of its log in JSON.

import type { LogEvent } from '../../src/superdaemon/log-event.ts';
import { logLine } from '../../src/superdaemon/log-line.ts';

export type Told = LogEvent & {
  /** When it happened, in milliseconds since the epoch. */
  readonly atMs: number;
};

/** Those in a log; what workers and others have written there is left out. */
export function toldIn(log: string): readonly Told[] {
  return log
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => toldBy(line) ?? []);
}

/** undefined: somebody else's line. */
export function toldBy(line: string): Told | undefined {
  if (!line.startsWith('{"level":')) return undefined;
  const { time, ...event } = JSON.parse(line);
  return { ...event, atMs: Date.parse(time) };
}

/** Turns what is appended to a log in JSON into the log as it would be in text, as far as its lines are complete. */
export function textLog(): (log: string) => string {
  let read = 0;
  let text = '';
  return (log) => {
    const end = log.lastIndexOf('\n') + 1;
    for (const line of log.slice(read, end).split('\n').slice(0, -1)) {
      const told = toldBy(line);
      const written = told === undefined ? line : logLine(told);
      if (written !== undefined) text += `${written}\n`;
    }
    read = Math.max(read, end);
    return text;
  };
}
