// Whose parent has ended, and which of our workers it descends from: what a mark says, and what else has to bear it out.

import { holdDescendants } from '../posix/process/descendants.ts';
import { orphans } from '../posix/process/orphans.ts';
import { holdProcess, type ProcessHandle } from '../posix/process/pidfd.ts';
import { parentOf } from '../posix/process/process-facts.ts';
import type { IsKnown } from './find-strays.ts';
import { holderOf } from './our-sockets.ts';
import { markOf } from './tree-mark.ts';
import type { InheritedTree } from './worker-tree.ts';

export type Origin = Pick<InheritedTree, 'mark' | 'isAdopted'>;

export interface OrphanWorld {
  /** Descriptors of our sockets, as they are now. */
  readonly sockets: () => readonly number[];
  readonly isKnown: IsKnown;
  /** No worker has lived before us. */
  readonly isFresh: boolean;
  /** undefined: one that is another superdaemon's child. */
  readonly workers: readonly { readonly attempt: number | undefined }[];
}

type OrphansOf = (of: Omit<Evidence, 'holdsOurs'>) => readonly ProcessHandle[];

/** `holds`: what dead workers have left. */
export function orphanSearch({ sockets, isKnown, isFresh, workers }: OrphanWorld, holds: IsKnown): OrphansOf {
  const holdsOurs = (pid: number) => holderOf(sockets())(pid);
  const { look } = orphans({
    isFresh,
    // What another superdaemon's children have left does not come to us.
    isReaper: workers.every(({ attempt }) => attempt !== undefined),
    isOfInterest: (pid) => !isKnown(pid) && !holds(pid) && (markOf(pid) !== undefined || holdsOurs(pid)),
  });
  return (of) => {
    const isIts = (pid: number) => belongs(pid, { ...of, holdsOurs });
    return look().flatMap((pid) => (isIts(pid) ? holdFamily(pid, () => isIts(pid)) : []));
  };
}

interface Evidence extends Origin {
  /** No other worker lives, nor what one has left. */
  readonly isAlone: boolean;
  readonly holdsOurs: (pid: number) => boolean;
}

/** Only what descends from us comes to us; as PID 1 we get every orphan. */
function belongs(pid: number, { mark, isAdopted, isAlone, holdsOurs }: Evidence): boolean {
  const theirs = markOf(pid);
  const isDescendant = process.pid !== 1 && parentOf(pid) === process.pid;
  // Some write a title over their environment. Sockets only workers have.
  if (theirs === undefined) return isAlone && isDescendant && holdsOurs(pid);
  if (theirs !== mark) return false;
  return isAdopted || process.pid === 1 ? holdsOurs(pid) : isDescendant;
}

function holdFamily(pid: number, isMeant: () => boolean): ProcessHandle[] {
  try {
    const handle = holdProcess(pid, isMeant);
    return handle === undefined ? [] : [handle, ...holdDescendants(pid)];
  } catch {
    return [];
  }
}
