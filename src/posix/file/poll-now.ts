// What poll(2) says of one descriptor: whether a call would wait. Never made non-blocking for that, for it may be shared.

import { memory, poll } from '../libc/libc.ts';

const [POLLIN, POLLOUT, POLLERR, POLLHUP] = [1, 4, 8, 16];

/** Something is to be read, or its end. */
export function canRead(fd: number): boolean {
  return answers(fd, POLLIN, 0);
}

/** There is room, or comes in that time. */
export function canWrite(fd: number, patienceMs = 0): boolean {
  return answers(fd, POLLOUT, patienceMs);
}

/** The other end is gone: a terminal that was closed, a pipe without a reader. */
export function isHungUp(fd: number): boolean {
  const { revents } = asked(fd, 0, 0);
  return (revents & (POLLERR | POLLHUP)) !== 0;
}

function answers(fd: number, events: number, timeoutMs: number): boolean {
  return asked(fd, events, timeoutMs).count > 0;
}

function asked(fd: number, events: number, timeoutMs: number) {
  const pollfd = memory(8);
  pollfd.writeInt32LE(fd);
  pollfd.writeInt16LE(events, 4);
  const count = poll(pollfd, 1, timeoutMs);
  return { count, revents: pollfd.readInt16LE(6) };
}
