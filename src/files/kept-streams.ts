// The standard streams of the start, which are kept while a log is in their place, so that another command line can go back
// to them. Not where somebody may wait for their end: whoever reads a pipe takes it for ours.

import { fstatSync } from 'node:fs';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { isHungUp } from '../posix/file/poll-now.ts';
import { isatty } from '../posix/libc/libc.ts';
import type { Environment } from '../posix/process/caller.ts';
import type { Streams } from './supervised-command.ts';

/** undefined: the standard error is closed. A standard output that cannot be kept is the standard error from now on. */
export function keepStreams({ stdout, stderr }: Streams, environment: Environment): Streams | undefined {
  const isKept = (fd: number) => canBeKept(fd, environment);
  if (!isKept(stderr)) {
    closeStreams({ stdout, stderr });
    return undefined;
  }
  if (isKept(stdout)) return { stdout, stderr };
  closeQuietly(stdout);
  return { stdout: stderr, stderr };
}

/** Whether anybody sees what is written there. */
export function leadSomewhere({ stderr }: Streams): boolean {
  return !isHungUp(stderr);
}

export function closeStreams({ stdout, stderr }: Streams): void {
  for (const fd of new Set([stdout, stderr])) closeQuietly(fd);
}

/** Who starts PID 1 waits for its own end. */
function canBeKept(fd: number, environment: Environment): boolean {
  if (process.pid === 1 || isatty(fd) === 1) return true;
  const file = fstatSync(fd);
  if (file.isFile() || file.isCharacterDevice()) return true;
  return environment.get('JOURNAL_STREAM') === `${file.dev}:${file.ino}`;
}
