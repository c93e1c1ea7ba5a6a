// The socket at a place, out of the hands of an orphaned worker, or of a process that it has started. Not when anybody else
// holds it, too: a superdaemon that lives, or a stranger.

import { fstatSync } from 'node:fs';
import { descendsFrom } from '../posix/descent.ts';
import { closeQuietly } from '../posix/descriptor.ts';
import { openProcess, takeDescriptor } from '../posix/pidfd.ts';
import { socketsOf } from '../posix/process-facts.ts';
import { errorCode } from '../posix/system-error.ts';
import type { Place } from './bound-sockets.ts';
import type { Survivor } from './survivors.ts';

export type Taken =
  | { readonly kind: 'taken'; readonly fd: number }
  /** The kernel does not let us. */
  | { readonly kind: 'denied'; readonly worker: Survivor; readonly error: unknown }
  /** It is not an orphan's, or not an orphan's alone. */
  | { readonly kind: 'not-theirs' };

export interface Holding {
  readonly workers: readonly Survivor[];
  /** Who holds which socket. */
  readonly holders: ReadonlyMap<string, readonly number[]>;
}

const NOT_THEIRS: Taken = { kind: 'not-theirs' };

export function takeSocket({ inodes }: Place, { workers, holders }: Holding): Taken {
  for (const inode of inodes) {
    const pids = holders.get(inode) ?? [];
    const hands = pids.flatMap((pid) => {
      const worker = workers.find((each) => descendsFrom(pid, each.pid));
      return worker === undefined ? [] : [{ pid, worker, inode }];
    });
    if (hands.length === 0 || hands.length < pids.length) continue;
    const taken = takeFrom(hands);
    if (taken.kind !== 'not-theirs') return taken;
  }
  return NOT_THEIRS;
}

interface Hand {
  readonly pid: number;
  readonly worker: Survivor;
  readonly inode: string;
}

/** The workers themselves first: what they started may come and go. */
function takeFrom(hands: readonly Hand[]): Taken {
  const isWorker = ({ pid, worker }: Hand) => pid === worker.pid;
  for (const hand of [...hands.filter(isWorker), ...hands.filter((each) => !isWorker(each))]) {
    try {
      const fd = copyFrom(hand);
      if (fd !== undefined) return { kind: 'taken', fd };
    } catch (error) {
      if (!isGone(error)) return { kind: 'denied', worker: hand.worker, error };
    }
  }
  return NOT_THEIRS;
}

/** It has closed it, or has ended. */
function isGone(error: unknown): boolean {
  return errorCode(error) === 'EBADF' || errorCode(error) === 'ESRCH';
}

function copyFrom({ pid, worker, inode }: Hand): number | undefined {
  if (worker.handle === undefined) throw worker.obstacle;
  using other = pid === worker.pid ? undefined : openProcess(pid);
  const number = socketsOf(pid).get(inode);
  if (number === undefined) return undefined;
  const fd = takeDescriptor(other ?? worker.handle, number);
  if (isThatSocket(fd, inode)) return fd;
  closeQuietly(fd);
  return undefined;
}

/** Made by a superdaemon of our user: a socket that is another user's was never ours, whoever has it. */
function isThatSocket(fd: number, inode: string): boolean {
  const { ino, uid } = fstatSync(fd);
  return String(ino) === inode && uid === process.geteuid?.();
}
