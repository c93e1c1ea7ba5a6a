// What --status shows. As JSON it is an interface: fields may come, none goes or changes.

import type { RecycleReason } from '../superdaemon/recycling.ts';
import type { LastDeploy } from './deploy-counts.ts';
import type { HooksReport, LeftReport, WorkerReport } from './reports.ts';

export interface StatusReport {
  /** There is a worker that has started and was not told to go. */
  readonly serving: boolean;
  readonly superdaemon: {
    readonly pid: number;
    readonly version: string | null;
    /** Where the log goes, in words. */
    readonly log: string | null;
  };
  readonly workers: readonly WorkerStatus[];
  /** null: nobody can tell. */
  readonly sockets: readonly SocketStatus[] | null;
  /** The options whose sockets nobody can connect to; only where there are any. */
  readonly unreachable?: readonly string[];
  /** Processes that dead workers have left behind with our sockets; only where there are any. */
  readonly left?: readonly LeftReport[];
  /** With --kill-tree: processes that dead workers have left, and that were told to go; only where there are any. */
  readonly going?: readonly LeftReport[];
  /** With --on-event. */
  readonly hooks?: HooksReport;
  /** What went wrong last, unless it has been deployed over, or nobody can tell. */
  readonly lastFailure: FailureStatus | null;
  /** null: there has been none, or nobody can tell. */
  readonly lastDeploy: DeployStatus | null;
}

/** null for UDP, and where the kernel does not tell. */
export interface SocketStatus {
  /** As SERVER_STARTER_PORT calls it. */
  readonly name: string;
  readonly option: string;
  /** Connections that nobody has accepted yet. */
  readonly queue: number | null;
  /** How many of them there may be. */
  readonly queueLimit: number | null;
  /** Only a command line before ours names it: it is closed with the last worker that has it. */
  readonly earlier?: true;
}

export interface DeployStatus {
  readonly result: LastDeploy['result'];
  /** When it was over: ISO 8601, UTC. */
  readonly at: string;
  readonly durationSeconds: number;
  /** That serves since, or still. */
  readonly generation: number;
  /** Of one that has not succeeded. */
  readonly reason: string | null;
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
  /** The process that serves, where the worker is a wrapper around it: memory and processor time are its. */
  readonly mainPid?: number;
  /** ISO 8601, UTC. */
  readonly upSince: string | null;
  readonly memoryBytes: number | null;
  /** Processor time since its start. */
  readonly cpuSeconds: number | null;
  readonly command: readonly string[] | null;
  readonly status: string | null;
  /** Where its deploy has frozen it; only where that is so. */
  readonly directory?: string;
  /** Why another one of its release takes its place; only where that is so. */
  readonly recycling?: RecycleReason;
  /** It goes by a command line before the one that counts now (`--upgrade` with options). */
  readonly earlier?: true;
}
