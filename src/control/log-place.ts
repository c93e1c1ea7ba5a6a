import { readlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import type { LogTarget } from '../files/output.ts';

/** Where what we and the workers say can be read, in words for people. */
export function logPlace(log: LogTarget): string {
  switch (log.kind) {
    case 'file':
      return resolve(log.path);
    case 'command':
      return `the hands of '${log.command}'`;
    case 'standard-error':
      return standardError();
  }
}

function standardError(): string {
  try {
    const target = readlinkSync('/proc/self/fd/2');
    if (target.startsWith('/') && target !== '/dev/null') return target;
  } catch {
    // Without /proc nobody knows.
  }
  return "the superdaemon's standard error";
}
