// Standard output and error, kept aside while descriptors 1 and 2 lead to the log.

import { closeQuietly, duplicate } from '../posix/descriptor.ts';
import { dup2 } from '../posix/libc.ts';
import type { Streams } from './log-command.ts';

export interface SavedStreams extends Streams, Disposable {
  restore(): void;
}

export function saveStreams(): SavedStreams {
  return savedStreams({ stdout: duplicate(1, 3), stderr: duplicate(2, 3) });
}

export function savedStreams({ stdout, stderr }: Streams): SavedStreams {
  let open = true;
  return {
    stdout,
    stderr,
    restore: () => {
      if (open) pointStreams(stdout, stderr);
    },
    [Symbol.dispose]: () => {
      if (!open) return;
      open = false;
      closeQuietly(stdout);
      closeQuietly(stderr);
    },
  };
}

export function pointStreams(stdout: number, stderr: number): void {
  dup2(stdout, 1);
  dup2(stderr, 2);
}
