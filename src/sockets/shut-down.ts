// Whoever shares a listening socket may shut it down for all by shutdown(2); poll(2) tells.

import { memory, poll } from '../posix/libc/libc.ts';
import { platform } from '../posix/libc/platform.ts';
import type { Listener, ListenersNow } from './listener.ts';

const POLLHUP = 0x10;
const POLLRDHUP = platform.hasAbstractSockets ? 0x2000 : 0;
/** struct pollfd: a descriptor, what is asked for, what there is. */
const POLLFD_BYTES = 8;

/** Returns what looks for those that were shut down, in one call for all. */
export function shutDownOf(listeners: ListenersNow): () => ReadonlySet<Listener> {
  const none = new Set<Listener>();
  let asked = askFor(listeners());
  return () => {
    const now = listeners();
    if (now !== asked.listeners) asked = askFor(now);
    const { pollfds } = asked;
    if (poll(pollfds, now.length, 0) === 0) return none;
    return new Set(now.filter((_, index) => isShut(pollfds, index)));
  };
}

function askFor(listeners: readonly Listener[]) {
  const pollfds = memory(Math.max(listeners.length, 1) * POLLFD_BYTES);
  for (const [index, { from }] of listeners.entries()) {
    pollfds.writeInt32LE(from, index * POLLFD_BYTES);
    pollfds.writeInt16LE(POLLRDHUP, index * POLLFD_BYTES + 4);
  }
  return { listeners, pollfds };
}

function isShut(pollfds: Buffer, index: number): boolean {
  return (pollfds.readUInt16LE(index * POLLFD_BYTES + 6) & (POLLRDHUP | POLLHUP)) !== 0;
}
