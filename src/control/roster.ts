// Who lives, in which phase: what clients are told when they ask, put together from the log events.

import { ageMsOf } from '../posix/process-facts.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import type { WorkerReport } from './protocol.ts';

export interface Roster {
  take(event: LogEvent): void;
  workers(): readonly WorkerReport[];
  phaseOf(generation: number): WorkerReport['phase'] | undefined;
  /** For a program that takes over. */
  handOver(): readonly Row[];
}

export interface Row {
  readonly generation: number;
  readonly pid: number;
  phase: WorkerReport['phase'];
  /** On the monotonic clock. */
  readonly spawnedAt: number;
  status: string | undefined;
}

/** `now` in milliseconds. */
export function roster(now: () => number, inherited: readonly Row[] = []): Roster {
  const rows = new Map(inherited.map((row) => [row.generation, row]));
  return {
    take: (event) => {
      switch (event.event) {
        case 'taken-over': {
          const { generation, pid } = event;
          const spawnedAt = now() - (ageMsOf(pid) ?? 0);
          rows.set(generation, { generation, pid, phase: 'old', spawnedAt, status: undefined });
          return;
        }
        case 'worker-starting': {
          const { generation, pid } = event;
          rows.set(generation, { generation, pid, phase: 'starting', spawnedAt: now(), status: undefined });
          return;
        }
        case 'worker-started':
          for (const row of rows.values()) if (row.phase === 'current') row.phase = 'old';
          return change(rows, event.generation, { phase: 'current' });
        case 'worker-signalled':
          return change(rows, event.generation, { phase: 'leaving' });
        case 'worker-status':
          return change(rows, event.generation, { status: event.text });
        case 'worker-died':
        case 'worker-failed-to-start':
          rows.delete(event.generation);
      }
    },
    phaseOf: (generation) => rows.get(generation)?.phase,
    handOver: () => [...rows.values()],
    workers: () =>
      Array.from(rows.values(), ({ spawnedAt, ...row }) => ({ ...row, ageMs: now() - spawnedAt })),
  };
}

function change(rows: ReadonlyMap<number, Row>, generation: number, to: Partial<Row>): void {
  const row = rows.get(generation);
  if (row !== undefined) Object.assign(row, to);
}
