// What --status shows. As JSON it is an interface: fields may come, none goes or changes.

import { readFileSync } from 'node:fs';
import type { Hello, WorkerReport } from '../control/protocol.ts';
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
}

/** null: nobody can tell. */
export interface WorkerStatus {
  readonly generation: number;
  readonly role: WorkerReport['phase'];
  /** Its slot, where there are several workers. */
  readonly worker?: number;
  readonly pid: number;
  /** ISO 8601, UTC. */
  readonly upSince: string | null;
  readonly memoryBytes: number | null;
  readonly command: readonly string[] | null;
  readonly status: string | null;
}

export function reportOfHello({ pid, version, workers, unreachable = [] }: Hello): StatusReport {
  const all = report({ pid, version }, workers);
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

type Known = Pick<WorkerReport, 'generation' | 'worker' | 'pid' | 'phase'> & {
  readonly ageMs: number | undefined;
  readonly status?: string | undefined;
};

function report(superdaemon: StatusReport['superdaemon'], workers: readonly Known[]): StatusReport {
  return {
    serving: workers.some(({ phase }) => phase === 'current' || phase === 'old'),
    superdaemon,
    workers: workers
      .map(workerStatus)
      .sort((a, b) => a.generation - b.generation || (a.worker ?? 0) - (b.worker ?? 0)),
  };
}

function workerStatus({ generation, worker, pid, phase, ageMs, status }: Known): WorkerStatus {
  return {
    generation,
    role: phase,
    ...(worker !== undefined && { worker }),
    pid,
    upSince: ageMs === undefined ? null : new Date(Date.now() - ageMs).toISOString(),
    memoryBytes: memoryOf(pid) ?? null,
    command: commandOf(pid) ?? null,
    status: status ?? null,
  };
}
