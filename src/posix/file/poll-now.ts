// What poll(2) says of one descriptor: whether a call would wait. Never made non-blocking for that, for it may be shared.

import { memory, poll } from '../libc/libc.ts';

const [POLLIN, POLLOUT] = [1, 4];

/** Something is to be read, or its end. */
export function canRead(fd: number): boolean {
  return answers(fd, POLLIN, 0);
}

/** There is room, or comes in that time. */
export function canWrite(fd: number, patienceMs = 0): boolean {
  return answers(fd, POLLOUT, patienceMs);
}

function answers(fd: number, asked: number, timeoutMs: number): boolean {
  const pollfd = memory(8);
  pollfd.writeInt32LE(fd);
  pollfd.writeInt16LE(asked, 4);
  return poll(pollfd, 1, timeoutMs) > 0;
}
