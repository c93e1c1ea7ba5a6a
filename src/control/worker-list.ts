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
  /** Its own process has ended, what it has started lives on. */
  outlived: boolean;
  /** It goes by a command line before ours. */
  earlier: true | undefined;
}

const UNSAID = { status: undefined, main: undefined, recycling: undefined, outlived: false };
const OUTLIVED = { phase: 'leaving', outlived: true } as const;

type Born = LiveGeneration & { readonly directory?: string; readonly earlier?: true };

export function workerList({ monotonic, wall }: Clocks, inherited: readonly Row[] = []): WorkerList {
  const rows = new Map(inherited.map((row) => [row.pid, row]));
  const add = (born: Born, phase: Row['phase'], ageMs: number) => {
    const times = { spawnedAt: monotonic() - ageMs, since: wall() - ageMs };
    rows.set(born.pid, newRow(born, { phase, ...times }));
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
          if (event.worker === undefined) becomeOld(rows, event.generation);
          return change(rows.get(event.pid), { phase: 'current' });
        case 'canary-passed':
        case 'canary-skipped':
          return change(rows.get(event.pid), { phase: 'current' });
        case 'deployed':
          return becomeOld(rows, event.generation);
        case 'worker-signalled':
          return change(rows.get(event.pid), { phase: 'leaving' });
        case 'recycling':
        case 'recycle-failed':
          return change(rows.get(event.pid), { recycling: whyRecycled(event) });
        case 'worker-status':
          return change(speaker(rows, event), { status: event.text });
        case 'reconfigured':
          return rows.forEach((row) => void change(row, { earlier: true }));
        case 'worker-main':
          return change(rows.get(event.pid), { main: event.main });
        case 'worker-outlived':
          return change(rows.get(event.pid), { ...OUTLIVED, main: event.left[0] });
        case 'worker-died':
        case 'worker-failed-to-start':
        case 'worker-tree-ended':
          if (event.event === 'worker-tree-ended' || !rows.get(event.pid)?.outlived) rows.delete(event.pid);
      }
    },
    phaseOf: (pid) => rows.get(pid)?.phase,
    forSuccessor: () => [...rows.values()],
    workers: () => Array.from(rows.values(), (row) => reportOf(row, monotonic())),
  };
}

function whyRecycled(told: Extract<LogEvent, { event: 'recycling' | 'recycle-failed' }>) {
  return told.event === 'recycling' ? told.reason : undefined;
}

/** Those of a pool do so together. */
function becomeOld(rows: ReadonlyMap<number, Row>, successor: number): void {
  for (const row of rows.values()) {
    if (row.phase === 'current' && row.generation !== successor) row.phase = 'old';
  }
}

function newRow(
  { generation, worker, pid, directory, earlier }: Born,
  life: Pick<Row, 'phase' | 'spawnedAt' | 'since'>,
): Row {
  return { generation, worker, pid, directory, ...life, earlier, ...UNSAID };
}

function reportOf({ spawnedAt, outlived, ...row }: Row, now: number): WorkerReport {
  return { ...row, ageMs: now - spawnedAt };
}

/** In a pool it says by its pid who it is. */
function speaker(rows: ReadonlyMap<number, Row>, { generation, pid }: { generation: number; pid?: number }) {
  if (pid !== undefined) return rows.get(pid);
  return [...rows.values()].find((row) => row.generation === generation);
}

function change(row: Row | undefined, to: Partial<Row>): void {
  if (row !== undefined) Object.assign(row, to);
}
