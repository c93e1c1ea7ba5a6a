// A storm: steps at random moments, each with what happens then, how workers behave from then on, and a call of the
// world's that throws next. Any step can be left out without changing what the others mean, so that storms shrink well.

import fc from 'fast-check';
import type { Policy, Scaling, Signal } from '../../src/superdaemon/host.ts';
import type { Call, CheckScript, Scenario, SpawnScript, Which, WorkerScript } from './scenario.ts';

export interface Storm {
  readonly policy: Partial<Policy>;
  readonly spawnTakesMs: number;
  readonly freezes?: true | undefined;
  readonly survivors: NonNullable<Scenario['survivors']>;
  readonly steps: readonly Step[];
}

export interface Step {
  readonly afterMs: number;
  readonly what:
    | { signal: Signal }
    | { request: number }
    | { reconfigure: number }
    | { ready: Which }
    | { checked: Which; refusal: string | undefined }
    | { dies: number | 'all'; status: number }
    | { standsStillMs: number }
    | { scale: Scaling; number: number };
  readonly workers: SpawnScript;
  readonly checks: CheckScript;
  readonly throws: Call | undefined;
}

/** Workers at their best, until a step says otherwise: alive, and ready at once. */
export const FAIR: Pick<Step, 'workers' | 'checks'> = { workers: { readyAfterMs: 1 }, checks: {} };

/** `throwing`: now and then a call of the world's throws. */
export function storms({ throwing }: { throwing: boolean }): fc.Arbitrary<Storm> {
  const steps = stepsOf(throwing);
  return fc.record({
    policy,
    spawnTakesMs,
    survivors,
    steps: fc
      .tuple(steps(everything, 1000), steps(stop, 1, 1), steps(weather, 30))
      .map((parts) => parts.flat()),
  });
}

/** The same for a pool, which is scaled besides. They pass. */
export function poolStorms({ throwing }: { throwing: boolean }): fc.Arbitrary<Storm> {
  const scaling = fc.oneof(
    fc.record({ to: fc.integer({ min: 1, max: 7 }) }),
    fc.record({ by: fc.integer({ min: -3, max: 3 }) }),
  );
  const changes: fc.Arbitrary<Step['what']> = fc.oneof(
    { weight: 12, arbitrary: everything },
    { weight: 1, arbitrary: fc.record({ scale: scaling, number: fc.nat(1000) }) },
    { weight: 1, arbitrary: fc.record({ signal: fc.constantFrom<Signal>('SIGTTIN', 'SIGTTOU') }) },
  );
  const size = fc.record({
    workers: fc.integer({ min: 1, max: 6 }),
    startAtOnce: fc.integer({ min: 1, max: 4 }),
    canaryMs: fc.constantFrom(undefined, undefined, 0, 400, 5000),
    hasCanaryCheck: fc.boolean(),
    maxAgeMs: fc.constantFrom(undefined, undefined, 4000, 30_000),
    maxMemoryBytes: fc.constantFrom(undefined, 3000),
    watchdogMs: fc.constantFrom(undefined, undefined, 700, 10_000),
  });
  return fc.record({
    policy: fc.tuple(policy, size).map(([rules, sizes]) => ({ ...rules, ...sizes })),
    spawnTakesMs,
    freezes: fc.constantFrom(undefined, true as const),
    survivors,
    steps: stepsOf(throwing)(changes, 400),
  });
}

/** … and is deployed from slot to slot. */
export function surgeStorms(how: { throwing: boolean }): fc.Arbitrary<Storm> {
  const surge = fc.integer({ min: 1, max: 3 });
  return fc.tuple(poolStorms(how), surge).map(([storm, most]) => {
    // One that does not go would hold the deploy up for ever.
    const killOldTimeoutMs = storm.policy.killOldTimeoutMs || 7000;
    return { ...storm, policy: { ...storm.policy, surge: most, killOldTimeoutMs } };
  });
}

const spawnTakesMs = fc.constantFrom(0, 0, 3, 250);

const policy = fc.record({
  intervalMs: fc.constantFrom(0, 30, 1000, 3000),
  killOldDelayMs: fc.constantFrom(0, 400, 5000),
  autoRestartIntervalMs: fc.constantFrom(undefined, undefined, 700, 20_000),
  signalOnHup: fc.constantFrom<Signal>('SIGTERM', 'SIGQUIT'),
  signalOnTerm: fc.constantFrom<Signal>('SIGTERM', 'SIGQUIT'),
  readyTimeoutMs: fc.constantFrom(undefined, undefined, 300, 1000, 10_000),
  maxStartAttempts: fc.constantFrom(0, 0, 1, 2, 4),
  hasCheck: fc.boolean(),
  killOldTimeoutMs: fc.constantFrom(0, 400, 7000),
  maxOld: fc.constantFrom(undefined, undefined, 1, 2),
  stopTimeoutMs: fc.constantFrom(0, 1000, 30_000),
  backoffMs: fc.constantFrom(0, 0, 200, 20_000),
});

/** … whose command lines ask for one worker and for pools by turns. */
export function changeStorms(how: { throwing: boolean }): fc.Arbitrary<ChangeStorm> {
  const size = fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined, freq: 2 });
  const asked = fc.array(size, { minLength: 2, maxLength: 5 });
  return fc.tuple(poolStorms(how), asked).map(([storm, sizes]) => ({ ...storm, sizes }));
}

export interface ChangeStorm extends Storm {
  /** Of the workers that each command line asks for in turn; undefined: one, and no pool. */
  readonly sizes: readonly (number | undefined)[];
}

function stepsOf(throwing: boolean) {
  const throws = throwing ? fc.option(anyCall, { freq: 20, nil: undefined }) : fc.constant(undefined);
  return (what: fc.Arbitrary<Step['what']>, maxLength: number, minLength = 0) =>
    fc.array(fc.record({ afterMs: milliseconds, what, workers, checks, throws }), {
      minLength,
      maxLength,
      size: 'max',
    });
}

const anyCall = fc.constantFrom<Call>(
  'policy',
  'check',
  'cancelCheck',
  'judge',
  'cancelJudgement',
  'trySuccessor',
  'cancelTrial',
  'spawn',
  'signal',
  'signalTree',
  'publish',
  'log',
);

const milliseconds = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 300 }) },
  { weight: 3, arbitrary: fc.integer({ min: 300, max: 5000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 5000, max: 60_000 }) },
  // Exactly when something is due.
  { weight: 2, arbitrary: fc.constantFrom(30, 100, 400, 700, 1000, 3000) },
);

const readyAfterMs = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(0, 1, 30) },
  { weight: 2, arbitrary: milliseconds },
  { weight: 1, arbitrary: fc.constant(Number.POSITIVE_INFINITY) },
);

const treeGoesAfterMs = fc.constantFrom(
  undefined,
  undefined,
  undefined,
  0,
  300,
  20_000,
  Number.POSITIVE_INFINITY,
);

const survivor: fc.Arbitrary<WorkerScript> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  { weight: 3, arbitrary: fc.record({ diesAfterMs: milliseconds }) },
  { weight: 2, arbitrary: fc.record({ goesAfterMs: milliseconds }) },
  { weight: 1, arbitrary: fc.record({ goesAfterMs: fc.constant(Number.POSITIVE_INFINITY) }) },
);

const aliveEveryMs = fc.constantFrom(300, 4000);

const lives: fc.Arbitrary<SpawnScript> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ readyAfterMs, asksAfterMs: milliseconds }) },
  { weight: 1, arbitrary: fc.record({ readyAfterMs, leaksBytes: fc.constant(1000) }) },
  { weight: 2, arbitrary: fc.record({ readyAfterMs, aliveEveryMs, hangsAfterMs: milliseconds }) },
  {
    weight: 1,
    arbitrary: fc.record({
      readyAfterMs,
      aliveEveryMs,
      hangsAfterMs: milliseconds,
      goesAfterMs: fc.constant(Number.POSITIVE_INFINITY),
    }),
  },
  { weight: 6, arbitrary: fc.constant(FAIR.workers) },
  { weight: 2, arbitrary: fc.record({ readyAfterMs }) },
  {
    weight: 3,
    arbitrary: fc.record({ readyAfterMs, diesAfterMs: milliseconds, status: fc.constantFrom(0, 9, 256) }),
  },
  { weight: 2, arbitrary: fc.record({ readyAfterMs, goesAfterMs: milliseconds }) },
  { weight: 1, arbitrary: fc.record({ readyAfterMs, goesAfterMs: fc.constant(500_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      readyAfterMs,
      goesAfterMs: fc.constant(Number.POSITIVE_INFINITY),
      diesLateMs: milliseconds,
    }),
  },
  { weight: 1, arbitrary: fc.constant({ readyAfterMs: 1, rebinds: true as const }) },
  { weight: 1, arbitrary: fc.constant({ fails: 'EAGAIN' }) },
);

/** … and may leave what they have started. */
const workers = fc.tuple(lives, treeGoesAfterMs).map(([life, treeGoes]): SpawnScript => {
  return treeGoes === undefined || 'fails' in life ? life : { ...life, treeGoesAfterMs: treeGoes };
});

/** Of a superdaemon that was killed: some generations, not always the last one among them. */
const survivors: fc.Arbitrary<Storm['survivors']> = fc.oneof(
  { weight: 1, arbitrary: fc.constant({ last: 0, workers: [] }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }), fc.nat(3))
      .chain(([generations, lost]) =>
        fc
          .tuple(
            ...generations
              .sort((a, b) => a - b)
              .map((generation) => survivor.map((life) => ({ generation, ...life }))),
          )
          .map((workers) => ({ last: Math.max(...generations) + lost, workers })),
      ),
  },
);

const LIMIT_OF_THE_CHECK_MS = 60_000;
const evenCancelled = fc.constant(true as const);
const refusal = fc.constant('refused');

const checks: fc.Arbitrary<CheckScript> = fc.oneof(
  { weight: 6, arbitrary: fc.constant(FAIR.checks) },
  { weight: 4, arbitrary: fc.record({ endsAfterMs: milliseconds }) },
  { weight: 2, arbitrary: fc.record({ endsAfterMs: milliseconds, evenCancelled }) },
  { weight: 2, arbitrary: fc.record({ endsAfterMs: milliseconds, refusal }) },
  {
    weight: 1,
    arbitrary: fc.record({ endsAfterMs: fc.constant(LIMIT_OF_THE_CHECK_MS), refusal, evenCancelled }),
  },
  { weight: 1, arbitrary: fc.constant({ fails: 'no such file' }) },
);

const earlier = fc.record({ newest: fc.integer({ min: -3, max: -1 }) });

const weather: fc.Arbitrary<Step['what']> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ signal: 'SIGHUP' } as const) },
  { weight: 2, arbitrary: fc.record({ request: fc.nat(1000) }) },
  { weight: 1, arbitrary: fc.constant({ signal: 'SIGUSR1' } as const) },
  { weight: 2, arbitrary: fc.constant({ signal: 'SIGUSR2' } as const) },
  { weight: 1, arbitrary: fc.record({ ready: fc.record({ newest: fc.integer({ min: -3, max: 1 }) }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ checked: earlier, refusal: fc.constantFrom(undefined, 'old news') }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ dies: fc.integer({ min: -4, max: -1 }), status: fc.constantFrom(0, 9, 11) }),
  },
  { weight: 1, arbitrary: fc.constant({ dies: 'all', status: 9 } as const) },
  { weight: 1, arbitrary: fc.record({ standsStillMs: milliseconds }) },
);

/** … and options change. */
const everything: fc.Arbitrary<Step['what']> = fc.oneof(
  { weight: 20, arbitrary: weather },
  { weight: 1, arbitrary: fc.record({ reconfigure: fc.integer({ min: 2000, max: 3000 }) }) },
);

const stop = fc.record({ signal: fc.constantFrom<Signal>('SIGTERM', 'SIGINT', 'SIGQUIT') });
