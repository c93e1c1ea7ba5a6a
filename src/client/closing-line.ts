// The last line of a client that had success: what has come about, and how long that took.

import { now } from '../posix/clock.ts';
import { writeLine } from '../posix/file/write-line.ts';
import { printable } from '../printable.ts';

const STDERR = 2;

/** The time counts from here on. */
export function closingLine(quiet: boolean): (outcome: string) => void {
  const startedAt = now();
  return (outcome) => {
    const seconds = ((now() - startedAt) / 1000).toFixed(1);
    if (!quiet) writeLine(STDERR, printable(`${outcome}, ${seconds} s`));
  };
}
