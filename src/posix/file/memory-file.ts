import { writeSync } from 'node:fs';
import { memfdCreate } from '../libc/libc-upgrade.ts';
import { reason } from '../libc/system-error.ts';
import { closedOnFailure, moveUp } from './descriptor.ts';

const MFD_CLOEXEC = 1;
/** Above the numbers that another process may want to find it at. */
const LOWEST = 10;

/**
 * A descriptor, close-on-exec, of a file without a name that holds these bytes (memfd_create(2)). Linux only. Throws Error,
 * callbacks what was not possible.
 */
export function memoryFile(name: string, bytes: Buffer): number {
  const fd = moveUp(create(name), LOWEST);
  closedOnFailure(fd, () => {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, at);
  });
  return fd;
}

function create(name: string): number {
  try {
    return memfdCreate(Buffer.from(`${name}\0`), MFD_CLOEXEC);
  } catch (error) {
    throw new Error(`cannot make a file in memory (memfd_create): ${reason(error)}`, { cause: error });
  }
}
