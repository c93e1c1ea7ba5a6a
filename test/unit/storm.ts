// A storm: steps at random moments, each with what happens then, how workers behave from then on, and a call of the
// world's that throws next. Any step can be left out without changing what the others mean, so that storms shrink well.

import fc from 'fast-check';
import type { Policy, Signal } from '../../src/superdaemon/host.ts';
import { type Call, type Happening, type SpawnScript, term } from './scenario.ts';
import { type Simulation, simulate } from './simulated-host.ts';
import { StormWitness } from './storm-witness.ts';

export interface Storm {
  readonly policy: Partial<Policy>;
  readonly spawnTakesMs: number;
  readonly steps: readonly Step[];
}

export interface Step {
  readonly afterMs: number;
  readonly what: { signal: Signal } | { dies: number | 'all'; status: number } | { standsStillMs: number };
  readonly workers: SpawnScript;
  readonly throws: Call | undefined;
}

export interface Ride extends Simulation {
  /** The first thing that must never happen; undefined: all is well. */
  readonly violation: string | undefined;
}

export async function ride({ steps, ...storm }: Storm): Promise<Ride> {
  const witness = new StormWitness();
  const times = arrivals(steps);
  const endMs = (times.at(-1) ?? 0) + 1;
  const happenings = steps.map(({ what }, index): Happening => ({ atMs: times[index] ?? 0, ...what }));
  let passed = 0;
  const faults = new Set<Call>();
  let workers: SpawnScript = {};
  const weatherAt = (nowMs: number) => {
    for (; (times[passed] ?? Number.POSITIVE_INFINITY) <= nowMs; passed++) {
      const step = steps[passed];
      if (step?.throws !== undefined) faults.add(step.throws);
      workers = step?.workers ?? {};
    }
  };

  const simulation = await simulate({
    ...storm,
    happenings: [...happenings, term(endMs), { atMs: endMs + 1_000_000, dies: 'all', status: 9 }],
    workers: (nowMs) => {
      weatherAt(nowMs);
      return workers;
    },
    throws: (call, nth, nowMs) => {
      weatherAt(nowMs);
      const throws = nth > 1 && faults.delete(call);
      if (throws) witness.fault(call, nowMs);
      return throws;
    },
    reusesPids: true,
    observer: witness,
    untilMs: endMs + 1_100_000,
    enough: () => witness.violation !== undefined,
  });
  if (simulation.outcome?.kind === 'stopped') witness.ended();
  else if (simulation.outcome === undefined) witness.violation ??= 'does not end';
  return { ...simulation, violation: witness.violation };
}

function arrivals(steps: readonly Step[]): number[] {
  let atMs = 0;
  return steps.map(({ afterMs }) => {
    atMs += afterMs;
    return atMs;
  });
}

/** `throwing`: now and then a call of the world's throws. */
export function storms({ throwing }: { throwing: boolean }): fc.Arbitrary<Storm> {
  const throws = throwing
    ? fc.option(fc.constantFrom<Call>('policy', 'spawn', 'signal', 'publish', 'log'), {
        freq: 20,
        nil: undefined,
      })
    : fc.constant(undefined);
  const steps = (what: fc.Arbitrary<Step['what']>, maxLength: number, minLength = 0) =>
    fc.array(fc.record({ afterMs: milliseconds, what, workers, throws }), {
      minLength,
      maxLength,
      size: 'max',
    });
  return fc.record({
    policy: fc.record({
      intervalMs: fc.constantFrom(0, 30, 1000, 3000),
      killOldDelayMs: fc.constantFrom(0, 400, 5000),
      autoRestartIntervalMs: fc.constantFrom(undefined, undefined, 700, 20_000),
      signalOnHup: fc.constantFrom<Signal>('SIGTERM', 'SIGQUIT'),
      signalOnTerm: fc.constantFrom<Signal>('SIGTERM', 'SIGQUIT'),
    }),
    spawnTakesMs: fc.constantFrom(0, 0, 3, 250),
    steps: fc.tuple(steps(weather, 1000), steps(stop, 1, 1), steps(weather, 30)).map((parts) => parts.flat()),
  });
}

const milliseconds = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 300 }) },
  { weight: 3, arbitrary: fc.integer({ min: 300, max: 5000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 5000, max: 60_000 }) },
  // Exactly when something is due.
  { weight: 2, arbitrary: fc.constantFrom(30, 100, 400, 700, 1000, 3000) },
);

const workers: fc.Arbitrary<SpawnScript> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({}) },
  { weight: 3, arbitrary: fc.record({ diesAfterMs: milliseconds, status: fc.constantFrom(0, 9, 256) }) },
  { weight: 2, arbitrary: fc.record({ goesAfterMs: milliseconds }) },
  { weight: 1, arbitrary: fc.constant({ goesAfterMs: 500_000 }) },
  { weight: 1, arbitrary: fc.constant({ goesAfterMs: Number.POSITIVE_INFINITY }) },
  { weight: 1, arbitrary: fc.constant({ fails: 'EAGAIN' }) },
);

const weather: fc.Arbitrary<Step['what']> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ signal: 'SIGHUP' } as const) },
  { weight: 1, arbitrary: fc.constant({ signal: 'SIGUSR1' } as const) },
  {
    weight: 5,
    arbitrary: fc.record({ dies: fc.integer({ min: -4, max: -1 }), status: fc.constantFrom(0, 9, 11) }),
  },
  { weight: 1, arbitrary: fc.constant({ dies: 'all', status: 9 } as const) },
  { weight: 1, arbitrary: fc.record({ standsStillMs: milliseconds }) },
);

const stop = fc.record({ signal: fc.constantFrom<Signal>('SIGTERM', 'SIGINT', 'SIGQUIT') });
