// Standard output and error, kept aside while descriptors 1 and 2 lead to the log.

import { writeSync } from 'node:fs';
import { closedOnFailure, duplicate } from '../posix/file/descriptor.ts';
import { canWrite } from '../posix/file/poll-now.ts';
import { toBytes } from '../posix/libc/bytes.ts';
import { dup2 } from '../posix/libc/libc.ts';
import { closeStreams } from './kept-streams.ts';
import type { Streams } from './supervised-command.ts';

export interface SavedStreams extends Streams, Disposable {
  restore(): void;
  /** Writes to the standard error, unless nobody reads there at the moment. */
  tell(text: string): void;
  /** They are somebody else's to close. */
  release(): Streams;
}

export function saveStreams(): SavedStreams {
  const stdout = duplicate(1, 3);
  return savedStreams({ stdout, stderr: closedOnFailure(stdout, () => duplicate(2, 3)) });
}

export function savedStreams({ stdout, stderr }: Streams): SavedStreams {
  let open = true;
  return {
    stdout,
    stderr,
    restore: () => {
      if (open) pointStreams(stdout, stderr);
    },
    tell: (text) => {
      if (open) tellNow(stderr, text);
    },
    release: () => {
      open = false;
      return { stdout, stderr };
    },
    [Symbol.dispose]: () => {
      if (open) closeStreams({ stdout, stderr });
      open = false;
    },
  };
}

function tellNow(fd: number, text: string): void {
  try {
    if (canWrite(fd)) writeSync(fd, toBytes(text));
  } catch {
    // Nobody is left to be told.
  }
}

export function pointStreams(stdout: number, stderr: number): void {
  dup2(stdout, 1);
  dup2(stderr, 2);
}
