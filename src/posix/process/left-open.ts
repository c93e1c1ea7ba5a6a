// Which descriptors the caller left open, when the launcher has not noted them. Node has set close-on-exec on them, as on
// its own, by the time that we can look: so they are told apart by what they are.

import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { inheritableDescriptors, makeInheritable } from '../file/descriptor.ts';

/** Those above 2, made inheritable again. */
export function descriptorsLeftOpen(): readonly number[] {
  if (process.platform !== 'linux') return inheritableDescriptors();
  // Without /proc nobody can tell.
  if (!existsSync('/proc/self/fd')) return [];
  const targets = new Map(readdirSync('/proc/self/fd').map((name) => [Number(name), target(name)]));
  const leftOpen = [...targets.keys()].filter((fd) => fd > 2 && !isNodes(fd, targets));
  for (const fd of leftOpen) makeInheritable(fd);
  return leftOpen;
}

/** Node starts with epoll and event descriptors, pipes to itself, and /dev/null. */
function isNodes(fd: number, targets: ReadonlyMap<number, string>): boolean {
  const own = targets.get(fd) ?? '';
  const isPipeToItself =
    own.startsWith('pipe:') && [...targets].some(([other, text]) => other !== fd && text === own);
  return own === '' || own === '/dev/null' || own.startsWith('anon_inode:') || isPipeToItself;
}

/** Empty for the one that the directory itself was read through, which is closed by now. */
function target(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}
