// Why workers have ended, counted since the start: put together from the log events.

import type { LogEvent } from '../superdaemon/log-event.ts';

/**
 * `crash`: it had started, and nobody had told it to go; `failed_start`: it ended before it had started, or could not be
 * spawned; `late`: it was not ready in time; `hung`: it had fallen silent; `retired`: it was told to go, and went; `killed`: it was, and did not;
 * `recycled`: another one of its release had taken its place.
 */
export const EXIT_REASONS = [
  'crash',
  'failed_start',
  'late',
  'hung',
  'retired',
  'killed',
  'recycled',
] as const;
export type ExitReason = (typeof EXIT_REASONS)[number];

/** What is killed in spite of it. */
const WILLING: ReadonlySet<ExitReason | undefined> = new Set<ExitReason>(['retired', 'recycled']);

export interface ExitCounts {
  take(event: LogEvent): void;
  counted(): Readonly<Record<ExitReason, number>>;
  /** For a program that takes over. */
  forSuccessor(): CountedExits;
}

export interface CountedExits {
  readonly counted: Readonly<Record<ExitReason, number>>;
  /** Why those are going that still live, by pid. */
  readonly going: ReadonlyMap<number, ExitReason>;
}

export function exitCounts(inherited?: CountedExits): ExitCounts {
  const counted = { ...none(), ...inherited?.counted };
  const going = new Map(inherited?.going);
  const ended = (pid: number, otherwise: ExitReason) => {
    counted[going.get(pid) ?? otherwise] += 1;
    going.delete(pid);
  };
  return {
    take: (event) => {
      switch (event.event) {
        case 'worker-late':
          return void going.set(event.pid, 'late');
        case 'worker-hung':
          return void going.set(event.pid, 'hung');
        case 'recycled':
          return void going.set(event.pid, 'recycled');
        case 'worker-signalled':
          // What it is told to go for comes first.
          return void (going.has(event.pid) || going.set(event.pid, 'retired'));
        case 'worker-killed':
          return void (WILLING.has(going.get(event.pid)) && going.set(event.pid, 'killed'));
        case 'spawn-failed':
          counted.failed_start += 1;
          return;
        case 'worker-failed-to-start':
          return ended(event.pid, 'failed_start');
        case 'worker-died':
          return ended(event.pid, 'crash');
      }
    },
    counted: () => counted,
    forSuccessor: () => ({ counted, going }),
  };
}

function none(): Record<ExitReason, number> {
  return { crash: 0, failed_start: 0, late: 0, hung: 0, retired: 0, killed: 0, recycled: 0 };
}
