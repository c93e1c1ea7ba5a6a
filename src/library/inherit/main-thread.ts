import { readlinkSync } from 'node:fs';
import type { Lazily } from './inherit.ts';

let known: boolean | undefined;

/** Only the main thread gets the signals, so only it takes a socket. */
export function isMainThread(lazily: Lazily): boolean {
  known ??= look() ?? lazily.threads().isMainThread;
  return known;
}

/** The kernel says it sooner than node:worker_threads, whose loading would be a good part of what all this costs. */
function look(): boolean | undefined {
  try {
    const [pid, , thread] = readlinkSync('/proc/thread-self').split('/');
    return pid === thread;
  } catch {
    // Not on Linux, or without /proc.
    return undefined;
  }
}
