// How deploys have ended, counted since the start, and the last of them: put together from the log events. The first start
// is no deploy; nor is a worker's replacement.

import type { LogEvent } from '../superdaemon/log-event.ts';

/** `superseded`: another one was asked for before it was over. */
export const DEPLOY_RESULTS = ['succeeded', 'failed', 'superseded'] as const;
export type DeployResult = (typeof DEPLOY_RESULTS)[number];

export interface DeployCounts {
  take(event: LogEvent): void;
  counted(): CountedDeploys;
  /** For a program that takes over. */
  forSuccessor(): KnownDeploys;
}

export interface CountedDeploys {
  /** That serves, or did last; 0: none ever has. */
  readonly generation: number;
  readonly results: Readonly<Record<DeployResult, number>>;
  /** Of those that have succeeded: how many took at most as long as each of DURATION_BOUNDS, and no less than the one before. */
  readonly durations: readonly number[];
  readonly durationsMs: number;
  readonly last: LastDeploy | undefined;
}

export interface LastDeploy {
  readonly result: Exclude<DeployResult, 'superseded'>;
  /** When it was over: milliseconds of the wall clock. */
  readonly at: number;
  readonly durationMs: number;
  /** The generation that serves since, or still. */
  readonly generation: number;
  /** Of one that has not succeeded. */
  readonly reason: string | undefined;
}

export interface KnownDeploys extends CountedDeploys {
  /** When the one under way was asked for, on the monotonic clock. */
  readonly begunAt: number | undefined;
}

/** Seconds. */
export const DURATION_BOUNDS = [0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600] as const;

/** Milliseconds. */
export interface Clocks {
  readonly monotonic: () => number;
  readonly wall: () => number;
}

const NONE: KnownDeploys = {
  generation: 0,
  results: { succeeded: 0, failed: 0, superseded: 0 },
  durations: [],
  durationsMs: 0,
  last: undefined,
  begunAt: undefined,
};

export function deployCounts({ monotonic, wall }: Clocks, inherited = NONE): DeployCounts {
  let known = inherited;
  const count = (result: DeployResult) => {
    const { results } = known;
    known = { ...known, results: { ...results, [result]: results[result] + 1 } };
  };
  const end = (result: LastDeploy['result'], reason?: string) => {
    const { begunAt = monotonic(), generation } = known;
    const durationMs = monotonic() - begunAt;
    count(result);
    known = { ...known, last: { result, at: wall(), durationMs, generation, reason }, begunAt: undefined };
    if (result === 'succeeded') known = { ...known, ...withDuration(known, durationMs) };
  };
  const serves = (generation: number) => {
    known = { ...known, generation };
  };
  return {
    take: (event) => {
      switch (event.event) {
        case 'hup':
        case 'auto-restart':
          if (known.begunAt !== undefined) count('superseded');
          known = { ...known, begunAt: monotonic() };
          return;
        case 'canary-refused':
        case 'check-refused':
        case 'given-up':
          return end('failed', event.reason);
        case 'deployed':
          serves(event.generation);
          if (event.deploy !== undefined) end('succeeded');
          return;
        case 'all-started':
          return serves(event.generation);
        case 'worker-started':
          if (event.canary) return;
          // Those of a pool serve together, from `deployed` on; at the start, from the first one on.
          if (event.worker === undefined || known.generation === 0) serves(event.generation);
      }
    },
    counted: () => known,
    forSuccessor: () => known,
  };
}

function withDuration({ durations, durationsMs }: CountedDeploys, ms: number) {
  const place = DURATION_BOUNDS.findIndex((bound) => ms <= bound * 1000);
  const counts = Array.from({ length: DURATION_BOUNDS.length }, (_, index) => durations[index] ?? 0);
  return {
    durations: counts.map((count, index) => (index === place ? count + 1 : count)),
    durationsMs: durationsMs + ms,
  };
}
