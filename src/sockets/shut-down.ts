// Whoever shares a listening socket may shut it down for all by shutdown(2); poll(2) tells.

import { memory, poll } from '../posix/libc/libc.ts';
import { platform } from '../posix/libc/platform.ts';
import type { Listener } from './listener.ts';

const POLLHUP = 0x10;
const POLLRDHUP = platform.hasAbstractSockets ? 0x2000 : 0;
/** struct pollfd: a descriptor, what is asked for, what there is. */
const POLLFD_BYTES = 8;

/** Returns what looks for those that were shut down, in one call for all. */
export function shutDownOf(listeners: readonly Listener[]): () => ReadonlySet<Listener> {
  const none = new Set<Listener>();
  const pollfds = memory(Math.max(listeners.length, 1) * POLLFD_BYTES);
  for (const [index, { from }] of listeners.entries()) {
    pollfds.writeInt32LE(from, index * POLLFD_BYTES);
    pollfds.writeInt16LE(POLLRDHUP, index * POLLFD_BYTES + 4);
  }
  const isShut = (index: number) =>
    (pollfds.readUInt16LE(index * POLLFD_BYTES + 6) & (POLLRDHUP | POLLHUP)) !== 0;
  return () => {
    if (poll(pollfds, listeners.length, 0) === 0) return none;
    return new Set(listeners.filter((_, index) => isShut(index)));
  };
}
