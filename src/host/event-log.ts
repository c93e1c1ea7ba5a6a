// The subscribers of events: the log, clients, the service manager. All of them after the act at hand: what they do with it
// would come before the worker that it is about, and who is told that something is done is to find it done.

import type { StartOptions } from '../command-line/start-options.ts';
import { type DatedEvent, type LogFormat, type LogWriter, openLog } from '../files/log.ts';
import { writeLine } from '../posix/file/write-line.ts';
import { printable, printableLines } from '../printable.ts';
import { internalError, type LogEvent } from '../superdaemon/log-event.ts';
import { logLine } from '../superdaemon/log-line.ts';

export interface EventLog {
  readonly log: Log;
  readonly format: LogFormat;
  /** Set-up is told to the caller directly; the log begins where it ends. */
  readonly say: (event: LogEvent) => void;
  subscribe(subscriber: Subscriber): void;
}

/** `at`: when it happened, in milliseconds since the epoch. */
export type Subscriber = (event: LogEvent, at: number) => void;

/** The log, and with it every other subscriber. */
export interface Log extends Pick<LogWriter, 'flush' | 'hold'> {
  write(event: LogEvent): void;
}

const STDERR = 2;
const soon = Promise.resolve();

/** `begins`: what the predecessor has not written. */
export async function openEventLog(options: StartOptions, begins: string | undefined): Promise<EventLog> {
  const format = await formatOf(options);
  const log = openLog(STDERR, format, begins);
  const subscribers: Subscriber[] = [];
  let unsent: DatedEvent[] = [];
  const tell = () => {
    const events = unsent;
    unsent = [];
    log.write(events);
    for (const { event, at } of events) for (const subscriber of subscribers) hear(subscriber, event, at);
  };
  /** A fault of one costs the others nothing; and it is none of their news, or it might be the next one's cause. */
  const hear = (subscriber: Subscriber, event: LogEvent, at: number) => {
    try {
      subscriber(event, at);
    } catch (error) {
      log.write([{ event: internalError(error), at }]);
    }
  };
  const write = (event: LogEvent) => {
    // Not queueMicrotask: Node's takes ten times as long.
    if (unsent.length === 0) soon.then(tell);
    unsent.push({ event, at: Date.now() });
  };
  return {
    log: {
      write,
      flush: () => {
        tell();
        return log.flush();
      },
      hold: () => {
        const held = log.hold();
        tell();
        return held;
      },
    },
    format,
    say: (event) => {
      const line = format(event, Date.now());
      if (line !== undefined) writeLine(STDERR, line);
    },
    subscribe: (subscriber) => void subscribers.push(subscriber),
  };
}

/** What only the one needs is loaded for it alone. */
export async function formatOf({ logFormat }: StartOptions): Promise<LogFormat> {
  return logFormat === 'text' ? textLine : (await import('../files/json-format.ts')).jsonFormat();
}

/** An event is one line, whatever the file names in it hold; a stack has several. */
function textLine(entry: LogEvent): string | undefined {
  const line = logLine(entry);
  if (line === undefined) return undefined;
  return entry.event === 'internal-error' ? printableLines(line) : printable(line);
}
