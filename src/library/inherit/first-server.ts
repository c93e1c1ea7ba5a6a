// Most processes below a command serve nobody (npm, a compiler, a shell's tools): Node's modules for servers are as much as
// all that this costs, and are not loaded for them. Every server begins as an EventEmitter, and that is what is watched here,
// up to the first one. A primary of cluster may have none, only forks that have.

import type { Lazily } from './inherit.ts';

interface Methods {
  readonly listen?: unknown;
  readonly bind?: unknown;
  readonly isDead?: unknown;
}

type Init = (this: object, ...args: unknown[]) => void;

/** Calls `made` before the program gets its first server, socket for datagrams, or fork by cluster. Then it costs nothing more. */
export function whenServerIsMade({ events }: Pick<Lazily, 'events'>, made: () => void): void {
  // Node's domains hook in here as well. What TypeScript does not know of.
  const emitter = events() as unknown as { init?: Init };
  const { init } = emitter;
  if (typeof init !== 'function') return made();
  let isAwaited = true;
  const watched: Init = function (...args) {
    if (isAwaited && isServer(this)) {
      isAwaited = false;
      if (emitter.init === watched) emitter.init = init;
      made();
    }
    init.apply(this, args);
  };
  emitter.init = watched;
}

/** Or something else that has a method of that name: then it comes somewhat early. */
function isServer({ listen, bind, isDead }: Methods): boolean {
  // The last one is that of cluster's forks alone.
  return typeof listen === 'function' || typeof bind === 'function' || typeof isDead === 'function';
}
