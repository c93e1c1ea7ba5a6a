import { closedOnFailure, moveUp } from '../file/descriptor.ts';
import { checked, memory } from '../libc/libc.ts';
import { platform } from '../libc/platform.ts';

const socketpair = checked<[domain: number, type: number, protocol: number, ends: Buffer]>(
  'int socketpair(int, int, int, void *)',
);

/** Two connected stream sockets, close-on-exec and blocking: each end is told when the other one is gone. */
export function socketPair(): readonly [number, number] {
  const ends = memory(8);
  socketpair(platform.AF_UNIX, platform.SOCK_STREAM, 0, ends);
  const [one, other] = [ends.readInt32LE(0), ends.readInt32LE(4)];
  const first = closedOnFailure(other, () => moveUp(one));
  return [first, closedOnFailure(first, () => moveUp(other))];
}
