// What --status shows. As JSON it is an interface: fields may come, none goes or changes.

import { readFileSync } from 'node:fs';
import type { FailureReport, Hello, WorkerReport } from '../control/protocol.ts';
import { toBytes } from '../posix/bytes.ts';
import { ageMsOf, commandOf, memoryOf } from '../posix/process-facts.ts';
import { reason } from '../posix/system-error.ts';
import { StartupError } from '../startup-error.ts';

export interface StatusReport {
  /** There is a worker that has started and was not told to go. */
  readonly serving: boolean;
  readonly superdaemon: { readonly pid: number; readonly version: string | null };
  readonly workers: readonly WorkerStatus[];
  /** The options whose sockets nobody can connect to; only where there are any. */
  readonly unreachable?: readonly string[];
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
  readonly pid: number;
  /** ISO 8601, UTC. */
  readonly upSince: string | null;
  readonly memoryBytes: number | null;
  readonly command: readonly string[] | null;
  readonly status: string | null;
}

export function reportOfHello({ pid, version, workers, failure, unreachable = [] }: Hello): StatusReport {
  const all = report({ pid, version }, workers, failure);
  return unreachable.length > 0 ? { ...all, unreachable } : all;
}

/** It lists those that have started: the newest is current. */
export function reportOfFile(pid: number, path: string): StatusReport {
  const lines = [...readStatusFile(path).matchAll(/^(\d+):(\d+)$/gm)];
  const listed = lines.map(([, generation, worker]) => ({
    generation: Number(generation),
    pid: Number(worker),
  }));
  const newest = Math.max(...listed.map(({ generation }) => generation));
  const workers = listed.map(({ generation, pid }): Known => {
    return { generation, pid, phase: generation === newest ? 'current' : 'old', ageMs: ageMsOf(pid) };
  });
  return report({ pid, version: null }, workers);
}

function readStatusFile(path: string): string {
  try {
    return readFileSync(toBytes(path), 'latin1');
  } catch (error) {
    throw new StartupError(`--status-file=${path}: cannot read: ${reason(error)}`, { cause: error });
  }
}

type Known = Pick<WorkerReport, 'generation' | 'pid' | 'phase'> & {
  readonly ageMs: number | undefined;
  readonly status?: string | undefined;
};

function report(
  superdaemon: StatusReport['superdaemon'],
  workers: readonly Known[],
  failure?: FailureReport,
): StatusReport {
  return {
    serving: workers.some(({ phase }) => phase === 'current' || phase === 'old'),
    superdaemon,
    workers: workers.map(workerStatus).sort((a, b) => a.generation - b.generation),
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

function workerStatus({ generation, pid, phase, ageMs, status }: Known): WorkerStatus {
  return {
    generation,
    role: phase,
    pid,
    upSince: ageMs === undefined ? null : new Date(Date.now() - ageMs).toISOString(),
    memoryBytes: memoryOf(pid) ?? null,
    command: commandOf(pid) ?? null,
    status: status ?? null,
  };
}
