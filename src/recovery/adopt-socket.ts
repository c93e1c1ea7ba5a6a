// The socket at a place, out of the hands of a survivor, or of a process that it has started. Whoever else holds it, too, has it
// from a worker that has gone, and does no harm; but for a superdaemon: then it is that one's.

import { fstatSync } from 'node:fs';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { errorCode } from '../posix/libc/system-error.ts';
import { ancestor } from '../posix/process/descent.ts';
import { looksLikeSuperdaemon } from '../posix/process/looks-like-superdaemon.ts';
import type { Hand } from '../posix/process/open-sockets.ts';
import { openProcess, takeDescriptor } from '../posix/process/pidfd.ts';
import type { Survivor } from './survivors.ts';

export type Adopted =
  | { readonly kind: 'adopted'; readonly fd: number }
  /** The kernel does not let us. */
  | { readonly kind: 'denied'; readonly worker: Survivor; readonly error: unknown }
  /** No survivor has it, or a superdaemon has it, too. */
  | { readonly kind: 'not-theirs' };

const NOT_THEIRS: Adopted = { kind: 'not-theirs' };

/** By inode, and who has it open. */
export type AdoptSocket = (inode: string, hands: readonly Hand[]) => Adopted;

/** It looks at each process once, for they may have thousands of sockets. */
export function adopter(survivors: readonly Survivor[]): AdoptSocket {
  const byPid = new Map(survivors.map((each) => [each.pid, each]));
  const ownerOf = remembering((pid) => byPid.get(ancestor(pid, (each) => byPid.has(each)) ?? 0));
  const isSuperdaemon = remembering((pid) => ownerOf(pid) === undefined && looksLikeSuperdaemon(pid));
  return (inode, hands) => {
    if (hands.some(({ pid }) => isSuperdaemon(pid))) return NOT_THEIRS;
    const theirs = hands.flatMap((hand) => {
      const worker = ownerOf(hand.pid);
      return worker === undefined ? [] : [{ ...hand, worker, inode }];
    });
    return adoptFromHands(theirs);
  };
}

function remembering<Value>(find: (pid: number) => Value): (pid: number) => Value {
  const found = new Map<number, { readonly value: Value }>();
  return (pid) => {
    const known = found.get(pid) ?? { value: find(pid) };
    found.set(pid, known);
    return known.value;
  };
}

interface TheirHand extends Hand {
  readonly worker: Survivor;
  readonly inode: string;
}

/** The workers themselves first: what they started may come and go. */
function adoptFromHands(hands: readonly TheirHand[]): Adopted {
  const isWorker = ({ pid, worker }: TheirHand) => pid === worker.pid;
  for (const hand of [...hands.filter(isWorker), ...hands.filter((each) => !isWorker(each))]) {
    try {
      const fd = copyFrom(hand);
      if (fd !== undefined) return { kind: 'adopted', fd };
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

function copyFrom({ pid, fd, worker, inode }: TheirHand): number | undefined {
  if (worker.handle === undefined) throw worker.obstacle;
  using other = pid === worker.pid ? undefined : openProcess(pid);
  const copy = takeDescriptor(other ?? worker.handle, fd);
  if (isThatSocket(copy, inode)) return copy;
  closeQuietly(copy);
  return undefined;
}

/** Made by a superdaemon of our user: a socket that is another user's was never ours, whoever has it. */
function isThatSocket(fd: number, inode: string): boolean {
  const { ino, uid } = fstatSync(fd);
  return String(ino) === inode && uid === process.geteuid?.();
}
