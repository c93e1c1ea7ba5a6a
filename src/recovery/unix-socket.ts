// Which of the listening sockets is the one that clients of a path get to. The table has the path as it was given to bind(2),
// relative to a directory that it does not tell, and it has sockets whose file has been replaced since.

import { closeQuietly } from '../posix/descriptor.ts';
import { peerOf } from '../posix/peer.ts';
import { openProcess, takeDescriptor } from '../posix/pidfd.ts';
import { directoryOf, holdersOf, socketsOf } from '../posix/process-facts.ts';
import { isNobodyThere, listenerAt } from '../sockets/listening-process.ts';
import { isSameFile } from '../sockets/match-activated.ts';
import { listeningUnixSockets, type UnixEntry } from '../sockets/socket-table.ts';

/** Inodes. */
export function socketsAtPath(path: string): string[] {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const entries = listeningUnixSockets().filter(
    (each) => each.path.endsWith(name) && isSameFile(each.path, path),
  );
  const listener = entries.length === 0 ? 'nobody' : listenerOf(path);
  if (listener === 'nobody') return [];
  const holders = holdersOf(entries.map(({ inode }) => inode));
  return entries
    .filter((entry) => isThere(entry, { listener, holders: holders.get(entry.inode) ?? [] }))
    .map(({ inode }) => inode);
}

function listenerOf(path: string): number | 'nobody' | 'unknown' {
  try {
    return listenerAt(path);
  } catch (error) {
    return isNobodyThere(error) ? 'nobody' : 'unknown';
  }
}

interface Circumstances {
  readonly listener: number | 'unknown';
  readonly holders: readonly number[];
}

/** The kernel notes in a socket who has made it listen, and tells clients the same. */
function isThere({ inode, path }: UnixEntry, { listener, holders }: Circumstances): boolean {
  const noted = holders.map((pid) => listenerNoted(pid, inode)).find((each) => each !== undefined);
  if (noted !== undefined && listener !== 'unknown') return noted === listener;
  // We may not look: then the directory has to speak for it.
  return path.startsWith('/') || holders.some((pid) => directoryOf(pid) === process.cwd());
}

function listenerNoted(pid: number, inode: string): number | undefined {
  try {
    using holder = openProcess(pid);
    const number = socketsOf(pid).get(inode);
    if (holder === undefined || number === undefined) return undefined;
    const fd = takeDescriptor(holder, number);
    try {
      return peerOf(fd).pid;
    } finally {
      closeQuietly(fd);
    }
  } catch {
    return undefined;
  }
}
