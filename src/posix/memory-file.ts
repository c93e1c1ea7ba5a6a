import { writeSync } from 'node:fs';
import { closeQuietly, duplicate } from './descriptor.ts';
import { memfdCreate } from './libc-upgrade.ts';

const MFD_CLOEXEC = 1;
/** Above the numbers that another process may want to find it at. */
const LOWEST = 10;

/** A descriptor, close-on-exec, of a file without a name that holds these bytes (memfd_create(2)). Linux only. */
export function memoryFile(name: string, bytes: Buffer): number {
  const original = memfdCreate(Buffer.from(`${name}\0`), MFD_CLOEXEC);
  const fd = duplicate(original, LOWEST);
  closeQuietly(original);
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, at);
  return fd;
}
