// Which of the listening sockets is the one that clients of a path get to. The table has the path as it was given to bind(2),
// relative to a directory that it does not tell, and it has sockets whose file has been replaced since.

import { closeQuietly } from '../posix/file/descriptor.ts';
import type { Hand } from '../posix/process/open-sockets.ts';
import { openProcess, takeDescriptor } from '../posix/process/pidfd.ts';
import { directoryOf } from '../posix/process/process-facts.ts';
import { peerOf } from '../posix/socket/peer.ts';
import { isNobodyThere, listenerAt } from '../sockets/listening-process.ts';
import { isSamePath } from '../sockets/match-activated.ts';
import type { UnixEntry } from '../sockets/socket-table.ts';
import type { Look } from './bound-sockets.ts';

export interface UnixLook extends Pick<Look, 'open'> {
  readonly sockets: readonly UnixEntry[];
}

/** Inodes. */
export function socketsAtPath(path: string, { sockets, open }: UnixLook): string[] {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const entries = sockets.filter((each) => each.path.endsWith(name) && isSamePath(each.path, path));
  if (entries.length === 0) return [];
  // A worker that is just starting may call listen(2), as Node does, between one look and the other, and another one after it.
  const told = new Set<Listener>();
  const looked = entries.map((entry) => lookAt(entry, open().get(entry.inode) ?? []));
  for (let look = 1; ; look += 1) {
    const before = listenerOf(path);
    for (const each of looked) noteListener(each);
    const after = listenerOf(path);
    if (before === 'nobody' || after === 'nobody') return [];
    told.add(before).add(after);
    const there = looked.filter((each) => isThere(each, told));
    const isSettled = there.length === 1 || (look >= ENOUGH_LOOKS && told.size === 1);
    if (isSettled || look === MOST_LOOKS) return there.map(({ entry }) => entry.inode);
  }
}

const ENOUGH_LOOKS = 3;
const MOST_LOOKS = 10;

interface LookedAt {
  readonly entry: UnixEntry;
  readonly hands: readonly Hand[];
  /** Who has made it listen, as far as we may ask: more than one, if it changes while we look. */
  readonly listeners: Set<number>;
}

function lookAt(entry: UnixEntry, hands: readonly Hand[]): LookedAt {
  return { entry, hands, listeners: new Set() };
}

function noteListener({ hands, listeners }: LookedAt): void {
  const listener = hands.map(listenerNoted).find((each) => each !== undefined);
  if (listener !== undefined) listeners.add(listener);
}

/** The kernel notes in a socket who has made it listen, and tells clients the same. */
function isThere({ entry, hands, listeners }: LookedAt, told: ReadonlySet<Listener>): boolean {
  if (listeners.size > 0 && !told.has('unknown')) return [...listeners].some((each) => told.has(each));
  // We may not look: then the directory has to speak for it.
  return entry.path.startsWith('/') || hands.some(({ pid }) => directoryOf(pid) === process.cwd());
}

type Listener = number | 'nobody' | 'unknown';

function listenerOf(path: string): Listener {
  try {
    return listenerAt(path);
  } catch (error) {
    return isNobodyThere(error) ? 'nobody' : 'unknown';
  }
}

function listenerNoted({ pid, fd }: Hand): number | undefined {
  try {
    using holder = openProcess(pid);
    if (holder === undefined) return undefined;
    const copy = takeDescriptor(holder, fd);
    try {
      return peerOf(copy).pid;
    } finally {
      closeQuietly(copy);
    }
  } catch {
    return undefined;
  }
}
