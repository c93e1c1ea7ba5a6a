// The processes that dead workers have left behind with our sockets: each is named, and kept until it has ended.

import { whenReadable } from '../posix/libc/libc-poll.ts';
import { hasEnded, type ProcessHandle, processHandle } from '../posix/process/pidfd.ts';
import { commandOf } from '../posix/process/process-facts.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';

export interface Bereft {
  readonly generation: number;
  /** Its slot, in a pool. */
  readonly worker?: number | undefined;
  readonly pid: number;
}

export interface Survivor {
  /** Of the worker that has left it, whose pid was: */
  readonly generation: number;
  readonly leftBy: number;
  readonly pid: number;
  readonly command: string;
}

export interface InheritedSurvivor extends Survivor {
  /** Its pidfd. */
  readonly fd: number;
}

export interface SurvivorTable {
  has(pid: number): boolean;
  /** Keeps the handle of a process that this worker has left. */
  add(worker: Bereft, handle: ProcessHandle): void;
  /** Says what this worker has left, and names in a moment those that live then. */
  nameThoseOf(worker: Bereft): void;
  /** Names all that live and have no name yet. */
  nameAll(): void;
  living(): readonly Survivor[];
  forSuccessor(): readonly InheritedSurvivor[];
}

/** A server that has been told to go together with its wrapper needs a moment. */
const MOMENT_MS = 1000;

export function survivorTable(
  log: (event: LogEvent) => void,
  inherited: readonly InheritedSurvivor[],
): SurvivorTable {
  const survivors = new Map<number, InheritedSurvivor>();
  const named = new Set<number>();
  const name = (survivor: InheritedSurvivor) => {
    if (survivors.get(survivor.pid) !== survivor || named.has(survivor.pid)) return;
    named.add(survivor.pid);
    log({ event: 'worker-left-behind', ...plain(survivor) });
  };
  const follow = (survivor: InheritedSurvivor) => {
    const handle = processHandle(survivor);
    survivors.set(survivor.pid, survivor);
    const watching = whenReadable(survivor.fd, () => {
      if (!hasEnded(handle)) return;
      watching[Symbol.dispose]();
      handle[Symbol.dispose]();
      survivors.delete(survivor.pid);
      named.delete(survivor.pid);
      log({ event: 'left-process-ended', generation: survivor.generation, pid: survivor.pid });
    });
  };
  for (const survivor of inherited) follow(survivor);
  return {
    has: (pid) => survivors.has(pid),
    add: ({ generation, pid: leftBy }, { pid, fd }) =>
      follow({ generation, leftBy, pid, fd, command: (commandOf(pid) ?? []).join(' ') }),
    nameThoseOf: ({ generation, pid }) => {
      const left = [...survivors.values()].filter(({ leftBy }) => leftBy === pid);
      if (left.length === 0) return;
      log({ event: 'worker-leaves', generation, pid, left: left.map((each) => each.pid) });
      setTimeout(() => left.forEach(name), MOMENT_MS);
    },
    nameAll: () => [...survivors.values()].forEach(name),
    living: () => Array.from(survivors.values(), plain),
    forSuccessor: () => [...survivors.values()],
  };
}

function plain({ generation, leftBy, pid, command }: Survivor): Survivor {
  return { generation, leftBy, pid, command };
}
