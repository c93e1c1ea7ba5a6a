// What a worker leaves behind: a command that does not execute its server (`sh -c 'server; …'`, `npm start`) ends when it is
// told to, and the server lives on with our sockets and answers with the old release. It is nobody's to signal; but it is
// named, and nobody is told that the old generation has gone.

import { fstatSync } from 'node:fs';
import { whenReadable } from '../posix/libc/libc.ts';
import { descendantsOf } from '../posix/process/descendants.ts';
import { socketsOf } from '../posix/process/open-sockets.ts';
import { hasEnded, openProcess, type ProcessHandle, processHandle } from '../posix/process/pidfd.ts';
import { commandOf } from '../posix/process/process-facts.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { findStrays } from './find-strays.ts';

export interface LeftBehind {
  /** Before a worker is told to go: whom it has started can be seen only while it lives. */
  look(pid: number): void;
  /** Before its death is told to anybody. */
  died(worker: Bereft): void;
  /** At the end: names those that live, without waiting for a moment more. */
  report(): void;
  /** Those of dead workers that still have a socket of ours. */
  living(): readonly Survivor[];
  /** For the successor. */
  forSuccessor(): readonly InheritedSurvivor[];
}

export interface Bereft {
  readonly generation: number;
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

export interface LeavingWorld {
  /** Descriptors of our sockets. */
  readonly sockets: readonly number[];
  readonly log: (event: LogEvent) => void;
  /** Whether this is a child of ours that lives and was not left to us by another. */
  readonly isKnown: (pid: number) => boolean;
  readonly inherited: readonly InheritedSurvivor[];
}

/** A server that has been told to go together with its wrapper needs a moment. */
const MOMENT_MS = 1000;

export function leftBehind({ sockets, log, isKnown, inherited }: LeavingWorld): LeftBehind {
  const ours = new Set(sockets.map((fd) => String(fstatSync(fd).ino)));
  const families = new Map<number, ProcessHandle[]>();
  const survivors = new Map<number, InheritedSurvivor>();
  const named = new Set<number>();
  const name = (survivor: InheritedSurvivor) => {
    named.add(survivor.pid);
    log({ event: 'worker-left-behind', ...plain(survivor) });
  };
  const holdsOurs = (pid: number) => [...socketsOf(pid).keys()].some((inode) => ours.has(inode));

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
  const leave = ({ generation, pid: leftBy }: Bereft, handles: readonly ProcessHandle[]) => {
    for (const handle of handles) {
      const { pid, fd } = handle;
      if (hasEnded(handle) || survivors.has(pid) || !holdsOurs(pid)) handle[Symbol.dispose]();
      else follow({ generation, leftBy, pid, fd, command: (commandOf(pid) ?? []).join(' ') });
    }
    const left = [...survivors.values()].filter((each) => each.leftBy === leftBy);
    if (left.length === 0) return;
    log({ event: 'worker-leaves', generation, pid: leftBy, left: left.map(({ pid }) => pid) });
    setTimeout(() => {
      for (const each of left) {
        if (survivors.get(each.pid) === each) name(each);
      }
    }, MOMENT_MS);
  };

  for (const survivor of inherited) follow(survivor);
  return {
    look: (pid) => {
      if (ours.size > 0) families.set(pid, [...(families.get(pid) ?? []), ...handlesOf(descendantsOf(pid))]);
    },
    died: (worker) => {
      const family = families.get(worker.pid);
      families.delete(worker.pid);
      if (family !== undefined) return leave(worker, family);
      if (ours.size === 0) return;
      const { generation } = worker;
      findStrays({ generation, isKnown }, (pids) => leave(worker, handlesOf(pids.filter(holdsOurs))));
    },
    report: () => {
      for (const each of survivors.values()) if (!named.has(each.pid)) name(each);
    },
    living: () => Array.from(survivors.values(), plain),
    forSuccessor: () => [...survivors.values()],
  };
}

function plain({ generation, leftBy, pid, command }: Survivor): Survivor {
  return { generation, leftBy, pid, command };
}

/** Those that have ended meanwhile are left out, and all of them where a process cannot be held. */
function handlesOf(pids: readonly number[]): ProcessHandle[] {
  try {
    return pids.map(openProcess).filter((handle) => handle !== undefined);
  } catch {
    return [];
  }
}
