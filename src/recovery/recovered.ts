import { fstatSync } from 'node:fs';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { ancestor } from '../posix/process/descent.ts';
import { hasEnded, type ProcessHandle } from '../posix/process/pidfd.ts';
import { pollsSocket } from '../posix/process/polls-socket.ts';
import type { SocketSpec } from '../sockets/socket-spec.ts';
import { NO_SURVIVORS, type Survivors } from '../superdaemon/state.ts';
import type { InheritedMain } from '../workers/main-processes.ts';
import type { Look } from './bound-sockets.ts';
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
  /** Whether one of them, or of what they have started, waits for this socket by epoll(7). */
  poll(fd: number): boolean;
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

interface Found {
  readonly mains: readonly InheritedMain[];
  readonly open: Look['open'];
}

const NOTHING: Found = { mains: [], open: () => new Map() };

/** `written`: the last generation that is known to have been, where anybody is left. */
export function recovered(
  workers: readonly Survivor[],
  written: number,
  { mains, open }: Found = NOTHING,
): Recovering {
  const sockets = new Map<SocketSpec, number>();
  const pids = new Set(workers.map(({ pid }) => pid));
  const isTheirs = (pid: number) => ancestor(pid, (each) => pids.has(each)) !== undefined;
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
    poll: (fd) => {
      const inode = String(fstatSync(fd).ino);
      const hands = open().get(inode) ?? [];
      return hands.some(({ pid }) => isTheirs(pid) && pollsSocket(pid, inode));
    },
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
