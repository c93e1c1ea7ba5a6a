import { fstatSync } from 'node:fs';
import { socketsOf } from '../posix/process/open-sockets.ts';

/** Returns whether a process has one of these sockets open, as they are now; false where we may not look. */
export function holderOf(descriptors: readonly number[]): (pid: number) => boolean {
  const ours = new Set(descriptors.map((fd) => String(fstatSync(fd).ino)));
  return (pid) => [...socketsOf(pid).keys()].some((inode) => ours.has(inode));
}
