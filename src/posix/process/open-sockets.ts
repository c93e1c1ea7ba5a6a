// Who has which sockets open, by the inodes that the kernel's tables name: links in /proc/PID/fd.

import { statSync } from 'node:fs';
import { linkTarget, list, parentOf, processes } from './process-facts.ts';

export interface Hand {
  readonly pid: number;
  readonly fd: number;
}

/** Who has which socket open, by inode, as far as we may look, without us. */
export function openSockets(): ReadonlyMap<string, readonly Hand[]> {
  const hands = new Map<string, Hand[]>();
  for (const pid of processes()) {
    if (pid === process.pid) continue;
    for (const [inode, fd] of socketsOf(pid)) {
      const others = hands.get(inode);
      if (others === undefined) hands.set(inode, [{ pid, fd }]);
      else others.push({ pid, fd });
    }
  }
  return hands;
}

/** The user who made what this process has open there; undefined where we may not look. */
export function makerOf({ pid, fd }: Hand): number | undefined {
  try {
    return statSync(`/proc/${pid}/fd/${fd}`).uid;
  } catch {
    return undefined;
  }
}

/** Its descriptors that are sockets, by inode; none where we may not look. */
export function socketsOf(pid: number): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const fd of list(`/proc/${pid}/fd`)) {
    const inode = /^socket:\[(\d+)\]$/.exec(linkTarget(`/proc/${pid}/fd/${fd}`))?.[1];
    if (inode !== undefined) found.set(inode, Number(fd));
  }
  return found;
}

/** The process that has the socket of this inode open; of a family the eldest. */
export function holderOf(inode: string): number | undefined {
  const holders = processes().filter((pid) => socketsOf(pid).has(inode));
  return holders.find((pid) => !holders.includes(parentOf(pid) ?? 0)) ?? holders[0];
}
