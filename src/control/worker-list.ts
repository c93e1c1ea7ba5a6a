// Who lives, in which phase: what clients are told when they ask, put together from the log events.

import { ageMsOf } from '../posix/process/process-facts.ts';
import type { LiveGeneration } from '../superdaemon/host.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import type { RecycleReason } from '../superdaemon/recycling.ts';
import type { Clocks } from './deploy-counts.ts';
import type { WorkerReport } from './reports.ts';

export interface WorkerList {
  take(event: LogEvent): void;
  workers(): readonly WorkerReport[];
  phaseOf(pid: number): WorkerReport['phase'] | undefined;
  /** For the successor. */
  forSuccessor(): readonly Row[];
}

export interface Row {
  readonly generation: number;
  readonly worker: number | undefined;
  readonly pid: number;
  /** Its deploy's, where that is frozen. */
  readonly directory: string | undefined;
  phase: WorkerReport['phase'];
  /** On the monotonic clock. */
  readonly spawnedAt: number;
  /** The same on the wall clock, as it was then. */
  readonly since: number;
  status: string | undefined;
  /** The process that serves, behind it. */
  main: number | undefined;
  /** Why it is being replaced. */
  recycling: RecycleReason | undefined;
}

const UNSAID = { status: undefined, main: undefined, recycling: undefined };

type Born = LiveGeneration & { readonly directory?: string };

export function workerList({ monotonic, wall }: Clocks, inherited: readonly Row[] = []): WorkerList {
  const rows = new Map(inherited.map((row) => [row.pid, row]));
  const add = (born: Born, phase: Row['phase'], ageMs: number) => {
    const { generation, worker, pid, directory } = born;
    const [spawnedAt, since] = [monotonic() - ageMs, wall() - ageMs];
    rows.set(pid, { generation, worker, pid, directory, phase, spawnedAt, since, ...UNSAID });
  };
  /** Those of a pool become old together. */
  const becomeOld = (successor: number) => {
    for (const row of rows.values()) {
      if (row.phase === 'current' && row.generation !== successor) row.phase = 'old';
    }
  };
  return {
    take: (event) => {
      switch (event.event) {
        case 'taken-over':
          return add(event, 'old', ageMsOf(event.pid) ?? 0);
        case 'worker-starting':
          return add(event, 'starting', 0);
        case 'worker-started':
          if (event.canary) return change(rows.get(event.pid), { phase: 'canary' });
          if (event.worker === undefined) becomeOld(event.generation);
          return change(rows.get(event.pid), { phase: 'current' });
        case 'canary-passed':
        case 'canary-skipped':
          return change(rows.get(event.pid), { phase: 'current' });
        case 'deployed':
          return becomeOld(event.generation);
        case 'worker-signalled':
          return change(rows.get(event.pid), { phase: 'leaving' });
        case 'recycling':
        case 'recycle-failed':
          return change(rows.get(event.pid), { recycling: 'ageMs' in event ? event.reason : undefined });
        case 'worker-status':
          return change(speaker(rows, event), { status: event.text });
        case 'worker-main':
          return change(rows.get(event.pid), { main: event.main });
        case 'worker-died':
        case 'worker-failed-to-start':
          rows.delete(event.pid);
      }
    },
    phaseOf: (pid) => rows.get(pid)?.phase,
    forSuccessor: () => [...rows.values()],
    workers: () =>
      Array.from(rows.values(), ({ spawnedAt, ...row }) => ({ ...row, ageMs: monotonic() - spawnedAt })),
  };
}

/** In a pool it says by its pid who it is. */
function speaker(rows: ReadonlyMap<number, Row>, { generation, pid }: { generation: number; pid?: number }) {
  if (pid !== undefined) return rows.get(pid);
  return [...rows.values()].find((row) => row.generation === generation);
}

function change(row: Row | undefined, to: Partial<Row>): void {
  if (row !== undefined) Object.assign(row, to);
}
