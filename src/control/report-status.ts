// The status of a superdaemon, from its own words and what /proc has of its workers; or from its status file.

import { readStatusFile } from '../files/status-file.ts';
import { ageMsOf, commandOf, cpuMsOf, memoryOf, ownPidOf } from '../posix/process/process-facts.ts';
import type { SocketQueue } from '../sockets/socket-queues.ts';
import type { LastDeploy } from './deploy-counts.ts';
import type { Hello } from './protocol.ts';
import type { FailureReport, WorkerReport } from './reports.ts';
import type {
  DeployStatus,
  FailureStatus,
  SocketStatus,
  StatusReport,
  WorkerStatus,
} from './status-report.ts';

/** `seen`: the superdaemon's pid in our own pid namespace. */
export function reportOfHello(hello: Hello, seen: number): StatusReport {
  const {
    pid,
    version,
    log = null,
    workers,
    failure,
    deploys,
    unreachable = [],
    left = [],
    going = [],
  } = hello;
  const superdaemon = { pid, version, log };
  const all = report(superdaemon, workers, { sees: pid === seen, failure, deploy: deploys?.last });
  return {
    ...all,
    sockets: hello.sockets?.map(socketStatus) ?? null,
    ...(unreachable.length > 0 && { unreachable }),
    ...(left.length > 0 && { left }),
    ...(going.length > 0 && { going }),
    ...(hello.hooks !== undefined && { hooks: hello.hooks }),
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
  return report({ pid, version: null, log: null }, workers, { sees });
}

type Known = Pick<
  WorkerReport,
  'generation' | 'worker' | 'pid' | 'phase' | 'directory' | 'earlier' | 'recycling'
> & {
  readonly ageMs: number | undefined;
  readonly since?: number;
  readonly status?: string | undefined;
  readonly main?: number | undefined;
};

interface Circumstances {
  /** The pids are of our own namespace. Elsewhere they are other processes' here. */
  readonly sees: boolean;
  readonly failure?: FailureReport | undefined;
  readonly deploy?: LastDeploy | undefined;
}

function report(
  superdaemon: StatusReport['superdaemon'],
  workers: readonly Known[],
  { sees, failure, deploy }: Circumstances,
): StatusReport {
  return {
    serving: workers.some(({ phase }) => SERVING.includes(phase)),
    superdaemon,
    workers: workers
      .map((each) => workerStatus(each, sees))
      .sort((a, b) => a.generation - b.generation || (a.worker ?? 0) - (b.worker ?? 0)),
    sockets: null,
    lastFailure: failure === undefined ? null : failureStatus(failure),
    lastDeploy: deploy === undefined ? null : deployStatus(deploy),
  };
}

const SERVING: readonly WorkerReport['phase'][] = ['canary', 'current', 'old'];

function socketStatus({ name, option, queue, queueLimit, earlier }: SocketQueue): SocketStatus {
  return { name, option, queue: queue ?? null, queueLimit: queueLimit ?? null, ...(earlier && { earlier }) };
}

function deployStatus({ result, at, durationMs, generation, reason }: LastDeploy): DeployStatus {
  return {
    result,
    at: new Date(at).toISOString(),
    durationSeconds: durationMs / 1000,
    generation,
    reason: reason ?? null,
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
  const { generation, worker, pid, phase, ageMs, status, main } = known;
  const since = known.since ?? (ageMs === undefined ? undefined : Date.now() - ageMs);
  return {
    generation,
    role: phase,
    ...(worker !== undefined && { worker }),
    pid,
    ...(main !== undefined && { mainPid: main }),
    upSince: since === undefined ? null : new Date(since).toISOString(),
    ...usageOf(sees ? (main ?? pid) : undefined),
    command: (sees ? commandOf(pid) : undefined) ?? null,
    status: status ?? null,
    ...(known.recycling !== undefined && { recycling: known.recycling }),
    ...origin(known),
  };
}

function usageOf(pid: number | undefined): Pick<WorkerStatus, 'memoryBytes' | 'cpuSeconds'> {
  if (pid === undefined) return { memoryBytes: null, cpuSeconds: null };
  const cpuMs = cpuMsOf(pid);
  return { memoryBytes: memoryOf(pid) ?? null, cpuSeconds: cpuMs === undefined ? null : cpuMs / 1000 };
}

/** What it was started by, where that is not what everybody is started by. */
function origin({ directory, earlier }: Known): Pick<WorkerStatus, 'directory' | 'earlier'> {
  return { ...(directory !== undefined && { directory }), ...(earlier && { earlier }) };
}
