// Workers that are another superdaemon's children: their deaths and their signals go by their handles, never by pid.

import { whenReadable } from '../posix/libc/libc-poll.ts';
import { hasEnded, type ProcessHandle, signalProcess } from '../posix/process/pidfd.ts';
import type { SignalName } from '../posix/process/signals.ts';
import { reapIfOurs } from '../posix/process/wait.ts';
import type { Event } from '../superdaemon/host.ts';

export interface OrphanWatch {
  /** false: it is none of them, or its death has been reported. */
  signal(pid: number, signal: SignalName): boolean;
  /** Whether it is one of them, and its death has not been reported. */
  watches(pid: number): boolean;
  /** For the successor from this one. */
  forSuccessor(): readonly InheritedOrphan[];
}

interface Children {
  readonly isOurs: (pid: number) => boolean;
  readonly push: (event: Event) => void;
}

export interface InheritedOrphan {
  readonly pid: number;
  /** Its pidfd. */
  readonly fd: number;
}

/** From now on the death of each is an event. */
export function orphanWatch(
  handles: readonly ProcessHandle[],
  events: Children,
  /** Returns those who live on, and go with it. */
  died: (pid: number) => readonly number[],
): OrphanWatch {
  const living = new Map<number, ProcessHandle>();
  for (const handle of handles) {
    const { pid } = handle;
    living.set(pid, handle);
    const watching = whenReadable(handle.fd, () => {
      if (!hasEnded(handle)) return;
      watching[Symbol.dispose]();
      handle[Symbol.dispose]();
      if (!living.delete(pid)) return;
      const left = died(pid);
      // Ours it may be after all, where orphans come to us: PID 1, a subreaper.
      const status = events.isOurs(pid) ? undefined : reapIfOurs(pid);
      events.push({ kind: 'death', pid, status, ...(left.length > 0 && { left }) });
    });
  }
  return {
    signal: (pid, signal) => {
      const handle = living.get(pid);
      if (handle !== undefined) signalProcess(handle, signal);
      return handle !== undefined;
    },
    watches: (pid) => living.has(pid),
    forSuccessor: () => Array.from(living.values(), ({ pid, fd }) => ({ pid, fd })),
  };
}
