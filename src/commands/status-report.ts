// What --status shows. As JSON it is an interface: fields may come, none goes or changes.

import type { Hello, WorkerReport } from '../control/protocol.ts';
import { readStatusFile } from '../files/status-file.ts';
import { ageMsOf, commandOf, memoryOf, ownPidOf } from '../posix/process-facts.ts';

export interface StatusReport {
  /** There is a worker that has started and was not told to go. */
  readonly serving: boolean;
  readonly superdaemon: { readonly pid: number; readonly version: string | null };
  readonly workers: readonly WorkerStatus[];
}

/** null: nobody can tell. */
export interface WorkerStatus {
  readonly generation: number;
  readonly role: WorkerReport['phase'];
  readonly pid: number;
  /** ISO 8601, UTC. */
  readonly upSince: string | null;
  readonly memoryBytes: number | null;
  readonly command: readonly string[] | null;
  readonly status: string | null;
}

/** `seen`: the superdaemon's pid in our own pid namespace. */
export function reportOfHello({ pid, version, workers }: Hello, seen: number): StatusReport {
  return report({ pid, version }, workers, pid === seen);
}

/** It lists those that have started: the newest is current. */
export function reportOfFile(pid: number, path: string): StatusReport {
  const listed = readStatusFile(path);
  const sees = ownPidOf(pid) === pid;
  const newest = Math.max(...listed.map(({ generation }) => generation));
  const workers = listed.map(({ generation, pid }): Known => {
    return {
      generation,
      pid,
      phase: generation === newest ? 'current' : 'old',
      ageMs: sees ? ageMsOf(pid) : undefined,
    };
  });
  return report({ pid, version: null }, workers, sees);
}

type Known = Pick<WorkerReport, 'generation' | 'pid' | 'phase'> & {
  readonly ageMs: number | undefined;
  readonly status?: string | undefined;
};

/** `sees`: the pids are of our own namespace. Elsewhere they are other processes' here. */
function report(
  superdaemon: StatusReport['superdaemon'],
  workers: readonly Known[],
  sees: boolean,
): StatusReport {
  return {
    serving: workers.some(({ phase }) => phase === 'current' || phase === 'old'),
    superdaemon,
    workers: workers.map((each) => workerStatus(each, sees)).sort((a, b) => a.generation - b.generation),
  };
}

function workerStatus({ generation, pid, phase, ageMs, status }: Known, sees: boolean): WorkerStatus {
  return {
    generation,
    role: phase,
    pid,
    upSince: ageMs === undefined ? null : new Date(Date.now() - ageMs).toISOString(),
    memoryBytes: (sees ? memoryOf(pid) : undefined) ?? null,
    command: (sees ? commandOf(pid) : undefined) ?? null,
    status: status ?? null,
  };
}
