// The worker that has failed last, as a client hears of it, and what was written before it did: that lies in the log, where
// the log is a file. Others may have written there meanwhile.

import { constants, openSync, readSync, type Stats, statSync } from 'node:fs';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { writeLine } from '../posix/file/write-line.ts';
import { printable } from '../printable.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { logLine } from '../superdaemon/log-line.ts';

export interface FailedWorker {
  take(event: LogEvent): void;
  /** Shows the last lines before it failed, if one has. `log`: where they go, in words. */
  showLastLines(log?: string): void;
}

type Failure = Extract<LogEvent, { event: 'worker-failed-to-start' | 'worker-late' | 'worker-died' }>;

const STDERR = 2;
const MOST_LINES = 10;
const LONGEST_LINE = 500;
/** Of the log's end. */
const MOST_BYTES = 256 * 1024;

/** What the log of that superdaemon has by now is of no interest. */
export function failedWorker(superdaemon: number): FailedWorker {
  let failure: Failure | undefined;
  /** Our own lines, as they are in the log. */
  const ours = new Set<string>();
  const isOurs = (line: string) => ours.has(line) || line.includes(`"superdaemon":${superdaemon},"event":`);
  // By its descriptor: the file may be called otherwise by now, or be out of our sight.
  const name = `/proc/${superdaemon}/fd/2`;
  const before = fileAt(name);
  return {
    take: (event) => {
      const line = logLine(event);
      if (line !== undefined) ours.add(printable(line));
      if (isFailure(event)) failure = event;
    },
    showLastLines: (log = 'the log') => {
      if (failure === undefined) return;
      const text = textSince(name, before);
      const lines = text === undefined ? undefined : linesBefore(failure, text, isOurs);
      for (const line of inWords(failure.pid, lines, printable(log))) writeLine(STDERR, line);
    },
  };
}

function isFailure(event: LogEvent): event is Failure {
  if (event.event === 'worker-died') return event.role === 'current';
  return event.event === 'worker-failed-to-start' || event.event === 'worker-late';
}

/** Its own words come before ours on its end, and behind those of the one that failed before it. */
function linesBefore(failure: Failure, text: string, isOurs: (line: string) => boolean): string[] {
  const lines = text.split('\n').filter((line) => line !== '');
  const end = lines.findLastIndex((line) => isAbout(failure, line));
  // It may not be written yet.
  const before = end === -1 ? lines : lines.slice(0, end);
  const last = before.findLastIndex((line) => !isOurs(line));
  const begin = before.slice(0, last).findLastIndex((line) => isOurs(line) && FAILED.test(line));
  return before.slice(begin + 1).filter((line) => !isOurs(line));
}

const FAILED = /seems to have failed|is not ready after|died unexpectedly/;

function isAbout(failure: Failure, line: string): boolean {
  if (line === logLine(failure)) return true;
  return line.includes(`"event":"${failure.event}"`) && line.includes(`"pid":${failure.pid},`);
}

/** undefined: the log is no file that we can read. */
function inWords(worker: number, lines: readonly string[] | undefined, log: string): string[] {
  if (lines === undefined) return [`what worker ${worker} wrote is in ${log}`];
  if (lines.length === 0) return [`worker ${worker} wrote nothing into ${log}`];
  const shown = lines.slice(-MOST_LINES).map((line) => `  ${printable(line).slice(0, LONGEST_LINE)}`);
  return [`the last lines in ${log} before worker ${worker} failed:`, ...shown];
}

function fileAt(name: string): Stats | undefined {
  try {
    const found = statSync(name);
    return found.isFile() ? found : undefined;
  } catch {
    return undefined;
  }
}

function textSince(name: string, before: Stats | undefined): string | undefined {
  const now = fileAt(name);
  if (now === undefined) return undefined;
  // Rotated, or cut.
  const isOther = before === undefined || before.ino !== now.ino || before.size > now.size;
  const from = Math.max(isOther ? 0 : before.size, now.size - MOST_BYTES);
  let fd: number | undefined;
  try {
    fd = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
    const text = Buffer.alloc(now.size - from);
    return text.toString('utf8', 0, readSync(fd, text, 0, text.length, from));
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeQuietly(fd);
  }
}
