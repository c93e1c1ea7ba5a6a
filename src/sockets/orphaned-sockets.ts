import { duplicate } from '../posix/file/descriptor.ts';
import type { Listener } from './listener.ts';
import { isSamePlace } from './match-kept.ts';
import type { SocketSpec } from './socket-spec.ts';

export interface OrphanedSockets {
  /** Our descriptor of the one for this option, the caller's from now on; undefined: there is none. */
  take(spec: SocketSpec): number | undefined;
  /** We could not have those: whoever serves them, they are replaced. */
  readonly abandoned: ReadonlySet<SocketSpec>;
  /** Whether there is anybody left who serves them. */
  serve(): boolean;
  /** Whether one of those waits for this socket by epoll(7), so that accept(2) must never wait. */
  poll(fd: number): boolean;
}

/** Nobody's but for those that we have for another command line: of these a copy. */
export function ownSockets(others: () => readonly Listener[]): OrphanedSockets {
  return {
    take: (spec) => {
      const open = others().find((each) => isSamePlace(each.spec, spec));
      return open && duplicate(open.from, 3);
    },
    abandoned: new Set(),
    serve: () => false,
    poll: () => false,
  };
}
