// Descriptors: flags, places, and which ones the caller left us.

import { openSync, readdirSync } from 'node:fs';
import { close, dup2, fcntl, tryFcntl } from '../libc/libc.ts';
import { platform } from '../libc/platform.ts';

export function isOpen(fd: number): boolean {
  return flags(fd) !== -1;
}

/** A close-on-exec copy at the lowest free number from `from` up. */
export function duplicate(fd: number, from: number): number {
  return fcntl(fd, platform.F_DUPFD_CLOEXEC, from);
}

/** Puts a close-on-exec copy at exactly this number, in the place of what was there. */
export function duplicateTo(fd: number, number: number): void {
  dup2(fd, number);
  makePrivate(number);
}

/** Moves it to the lowest free number from `from` up, close-on-exec. */
export function moveUp(fd: number, from = 3): number {
  try {
    return duplicate(fd, from);
  } finally {
    closeQuietly(fd);
  }
}

/** Clears close-on-exec. */
export function makeInheritable(fd: number): void {
  fcntl(fd, platform.F_SETFD, 0);
}

/** Sets close-on-exec. */
export function makePrivate(fd: number): void {
  fcntl(fd, platform.F_SETFD, platform.FD_CLOEXEC);
}

/** Whether it is close-on-exec. */
export function isPrivate(fd: number): boolean {
  return flags(fd) === platform.FD_CLOEXEC;
}

/** O_NONBLOCK belongs to the open file itself: every process that shares it sees it change. */
export function setBlocking(fd: number, blocking: boolean): void {
  const others = fcntl(fd, platform.F_GETFL) & ~platform.O_NONBLOCK;
  fcntl(fd, platform.F_SETFL, blocking ? others : others | platform.O_NONBLOCK);
}

/** Descriptors that come beside those that room is made for. */
const MORE = 64;

/**
 * Makes room for descriptors up to this number, and some more, if there can be: each time that the kernel lets the table of a process with
 * threads grow, it waits for all processors.
 */
export function makeRoom(number: number): void {
  const fd = openSync('/dev/null', 'r');
  try {
    closeQuietly(duplicate(fd, number + MORE));
  } catch {
    // It is beyond the limit: whoever takes the number will say so.
  }
  closeQuietly(fd);
}

export function closeQuietly(fd: number): void {
  try {
    close(fd);
  } catch {
    // Nothing is left to be done for a descriptor that is gone.
  }
}

/** What `act` returns, which is to make use of it; where that fails, it is closed. */
export function closedOnFailure<Result>(fd: number, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    closeQuietly(fd);
    throw error;
  }
}

/** The descriptors above 2 that a program started now would inherit. */
export function inheritableDescriptors(): number[] {
  const directory = process.platform === 'linux' ? '/proc/self/fd' : '/dev/fd';
  return readdirSync(directory)
    .map(Number)
    .filter((fd) => fd > 2 && flags(fd) === 0);
}

/** -1 when it is not open, which is an answer, not an error: hundreds of sockets ask. */
function flags(fd: number): number {
  return tryFcntl(fd, platform.F_GETFD);
}
