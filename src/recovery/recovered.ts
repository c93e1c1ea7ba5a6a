import { closeQuietly } from '../posix/file/descriptor.ts';
import { hasEnded, type ProcessHandle } from '../posix/process/pidfd.ts';
import type { SocketSpec } from '../sockets/socket-spec.ts';
import { NO_SURVIVORS, type Survivors } from '../superdaemon/state.ts';
import type { InheritedMain } from '../workers/main-processes.ts';
import type { Survivor } from './survivors.ts';

export interface Recovered extends Disposable {
  /** Our copy of the socket for this option, the caller's from now on; undefined: there is none. */
  take(spec: SocketSpec): number | undefined;
  /** Those whose sockets we may not have, and whose places can be bound anew all the same. */
  readonly abandoned: ReadonlySet<SocketSpec>;
  readonly survivors: Survivors;
  /** Who serves behind them. */
  readonly mains: readonly InheritedMain[];
  /** Of those that the kernel lets us signal. */
  handles(): readonly ProcessHandle[];
  /** Whether any of the workers lives: then the files of their sockets have to stay. */
  serve(): boolean;
}

/** While it is being found out what there is. */
export interface Recovering extends Recovered {
  readonly workers: readonly Survivor[];
  readonly sockets: Map<SocketSpec, number>;
  readonly abandoned: Set<SocketSpec>;
}

export function nobody(): Recovered {
  return recovered([], 0);
}

/** `written`: the last generation that is known to have been, where anybody is left. */
export function recovered(
  workers: readonly Survivor[],
  written: number,
  mains: readonly InheritedMain[] = [],
): Recovering {
  const sockets = new Map<SocketSpec, number>();
  return {
    workers,
    sockets,
    take: (spec) => {
      const fd = sockets.get(spec);
      sockets.delete(spec);
      return fd;
    },
    abandoned: new Set(),
    survivors: survivorsOf(workers, written),
    mains,
    handles: () => workers.flatMap(({ handle }) => handle ?? []),
    serve: () => workers.some(({ handle }) => handle !== undefined && !hasEnded(handle)),
    [Symbol.dispose]: () => {
      for (const fd of sockets.values()) closeQuietly(fd);
      for (const { handle } of workers) handle?.[Symbol.dispose]();
    },
  };
}

function survivorsOf(workers: readonly Survivor[], written: number): Survivors {
  if (workers.length === 0) return NO_SURVIVORS;
  return {
    generation: Math.max(written, ...workers.map(({ generation }) => generation)),
    workers: workers
      .filter(({ handle }) => handle !== undefined)
      .map(({ generation, worker, pid }) => ({ generation, worker, pid })),
  };
}
