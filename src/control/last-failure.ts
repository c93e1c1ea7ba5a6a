// What went wrong last, and what comes next: for whoever asks why nobody serves. Put together from the log events.

import type { LogEvent } from '../superdaemon/log-event.ts';
import { endInWords } from '../superdaemon/wait-status.ts';
import type { FailureReport } from './reports.ts';

export interface LastFailure {
  take(event: LogEvent): void;
  report(): FailureReport | undefined;
  /** For the successor. */
  forSuccessor(): Failure | undefined;
}

export interface Failure {
  readonly reason: string;
  /** Times are of the monotonic clock. */
  readonly at: number;
  readonly attempts: number;
  readonly nextAt: number | undefined;
}

export interface FailureWorld {
  /** Milliseconds. */
  now(): number;
  /** Whether this worker has been told to go: how it ends is no failure more. */
  isLeaving(pid: number): boolean;
}

export function lastFailure({ now, isLeaving }: FailureWorld, inherited?: Failure): LastFailure {
  let last = inherited;
  const failed = (reason: string, attempts: number) => {
    last = { reason, at: now(), attempts, nextAt: undefined };
  };
  const oneMore = () => (last?.attempts ?? 0) + 1;
  const change = (to: Partial<Failure>) => {
    if (last !== undefined) last = { ...last, ...to };
  };
  return {
    take: (event) => {
      switch (event.event) {
        case 'spawn-failed':
          return failed(event.reason, oneMore());
        case 'worker-failed-to-start':
          if (isLeaving(event.pid)) return;
          return failed(`new worker ${event.pid} ${endInWords(event.status)}`, oneMore());
        case 'worker-late':
          return failed(lateness(event), oneMore());
        case 'worker-hung':
          return failed(`worker ${event.pid} was silent for ${event.silentMs / 1000} secs`, oneMore());
        case 'worker-died':
          if (event.role === 'current') failed(`worker ${event.pid} ${endInWords(event.status)}`, oneMore());
          return;
        case 'check-refused':
          return failed(event.reason, 1);
        case 'given-up':
          return failed(`gave up: ${event.reason}`, event.attempts);
        case 'retry-scheduled':
          return change({ nextAt: now() + event.inMs });
        case 'worker-starting':
          return change({ nextAt: undefined });
        case 'worker-started':
          return change({ nextAt: undefined, attempts: 0 });
        case 'deployed':
          if (event.deploy !== undefined) last = undefined;
      }
    },
    report: () => {
      if (last === undefined) return undefined;
      const { reason, attempts, at, nextAt } = last;
      const nextInMs = nextAt === undefined ? undefined : Math.max(0, nextAt - now());
      return { reason, attempts, ageMs: now() - at, nextInMs };
    },
    forSuccessor: () => last,
  };
}

function lateness({ pid, timeoutMs }: Extract<LogEvent, { event: 'worker-late' }>): string {
  return `new worker ${pid} was not ready within ${timeoutMs / 1000} secs`;
}
