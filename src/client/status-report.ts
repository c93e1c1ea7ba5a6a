// What --status shows. As JSON it is an interface: fields may come, none goes or changes.

import type { FailureReport, Hello, LeftReport, WorkerReport } from '../control/protocol.ts';
import { readStatusFile } from '../files/status-file.ts';
import { ageMsOf, commandOf, memoryOf, ownPidOf } from '../posix/process/process-facts.ts';

export interface StatusReport {
  /** There is a worker that has started and was not told to go. */
  readonly serving: boolean;
  readonly superdaemon: { readonly pid: number; readonly version: string | null };
  readonly workers: readonly WorkerStatus[];
  /** The options whose sockets nobody can connect to; only where there are any. */
  readonly unreachable?: readonly string[];
  /** Processes that dead workers have left behind with our sockets; only where there are any. */
  readonly left?: readonly LeftReport[];
  /** What went wrong last, unless it has been deployed over, or nobody can tell. */
  readonly lastFailure: FailureStatus | null;
}

export interface FailureStatus {
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** That failed in a row; 0: a worker has started since. */
  readonly attempts: number;
  /** When the next one is due, if it is. */
  readonly nextAttemptAt: string | null;
}

/** null: nobody can tell. */
export interface WorkerStatus {
  readonly generation: number;
  readonly role: WorkerReport['phase'];
  /** Its slot, where there are several workers. */
  readonly worker?: number;
  readonly pid: number;
  /** The process that serves, where the worker is a wrapper around it. */
  readonly mainPid?: number;
  /** ISO 8601, UTC. */
  readonly upSince: string | null;
  readonly memoryBytes: number | null;
  readonly command: readonly string[] | null;
  readonly status: string | null;
  /** Where its deploy has frozen it; only where that is so. */
  readonly directory?: string;
}

/** `seen`: the superdaemon's pid in our own pid namespace. */
export function reportOfHello(hello: Hello, seen: number): StatusReport {
  const { pid, version, workers, failure, unreachable = [], left = [] } = hello;
  const all = report({ pid, version }, workers, { sees: pid === seen, failure });
  return {
    ...all,
    ...(unreachable.length > 0 && { unreachable }),
    ...(left.length > 0 && { left }),
  };
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
  return report({ pid, version: null }, workers, { sees });
}

type Known = Pick<WorkerReport, 'generation' | 'worker' | 'pid' | 'phase' | 'directory'> & {
  readonly ageMs: number | undefined;
  readonly status?: string | undefined;
  readonly main?: number | undefined;
};

/** `sees`: the pids are of our own namespace. Elsewhere they are other processes' here. */
function report(
  superdaemon: StatusReport['superdaemon'],
  workers: readonly Known[],
  { sees, failure }: { readonly sees: boolean; readonly failure?: FailureReport | undefined },
): StatusReport {
  return {
    serving: workers.some(({ phase }) => phase === 'current' || phase === 'canary' || phase === 'old'),
    superdaemon,
    workers: workers
      .map((each) => workerStatus(each, sees))
      .sort((a, b) => a.generation - b.generation || (a.worker ?? 0) - (b.worker ?? 0)),
    lastFailure: failure === undefined ? null : failureStatus(failure),
  };
}

function failureStatus({ reason, ageMs, attempts, nextInMs }: FailureReport): FailureStatus {
  const inTime = (ms: number) => new Date(Date.now() + ms).toISOString();
  return {
    reason,
    at: inTime(-ageMs),
    attempts,
    nextAttemptAt: nextInMs === undefined ? null : inTime(nextInMs),
  };
}

function workerStatus(known: Known, sees: boolean): WorkerStatus {
  const { generation, worker, pid, phase, ageMs, status, directory, main } = known;
  return {
    generation,
    role: phase,
    ...(worker !== undefined && { worker }),
    pid,
    ...(main !== undefined && { mainPid: main }),
    upSince: ageMs === undefined ? null : new Date(Date.now() - ageMs).toISOString(),
    memoryBytes: (sees ? memoryOf(pid) : undefined) ?? null,
    command: (sees ? commandOf(pid) : undefined) ?? null,
    status: status ?? null,
    ...(directory !== undefined && { directory }),
  };
}
