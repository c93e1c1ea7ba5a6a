// STORM_SEED=n repeats a storm; a failing one is shrunk to a short transcript and says how.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shrink } from './shrink.ts';
import { ride } from './storm.ts';
import { FAIR, type Step, type Storm, storms } from './storm-weather.ts';

const FIXED_SEED = 20_240_229;
const { STORM_SEED } = process.env;
const seeds =
  STORM_SEED === undefined ? [FIXED_SEED, Math.floor(Math.random() * 2 ** 31)] : [Number(STORM_SEED)];

describe.each(seeds)('in a storm of events, seed %i', (seed) => {
  it.each([
    ['workers die and fail', false],
    ['the world throws', true],
  ])('the service is never taken down while %s', { timeout: 120_000 }, (_what, throwing) =>
    endure(seed, storms({ throwing })),
  );
});

async function endure(seed: number, weather: fc.Arbitrary<Storm>): Promise<void> {
  let events = 0;
  const survives = async (storm: Storm) => {
    const result = await ride(storm);
    events += result.events;
    return result.violation === undefined;
  };
  const property = fc.asyncProperty(weather, survives);
  const { counterexample } = await fc.check(property, { seed, numRuns: 25, endOnFailure: true });
  if (counterexample !== null) throw await report(seed, counterexample[0]);
  expect(events).toBeGreaterThan(15_000);
}

async function report(seed: number, storm: Storm): Promise<Error> {
  const steps = await shrink(storm.steps, {
    fails: async (candidate) => (await ride({ ...storm, steps: candidate })).violation !== undefined,
    simpler,
  });
  const policy = await shrinkPolicy({ ...storm, steps });
  const { violation, transcript } = await ride({ ...storm, policy, steps });
  const parts = [`STORM_SEED=${seed}`, policy, ...steps].map((part) => JSON.stringify(part));
  return new Error([...parts, ...transcript, violation].join('\n'));
}

/** What is left out is as on the command line. */
async function shrinkPolicy(storm: Storm): Promise<Storm['policy']> {
  const chosen = await shrink(Object.entries(storm.policy), {
    fails: async (candidate) =>
      (await ride({ ...storm, policy: Object.fromEntries(candidate) })).violation !== undefined,
    simpler: () => [],
  });
  return Object.fromEntries(chosen);
}

function simpler(step: Step): readonly Step[] {
  const plain: Step = { ...step, throws: undefined, ...FAIR };
  return [0, 1, 1000, 5000]
    .filter((afterMs) => afterMs < step.afterMs)
    .flatMap((afterMs) => [
      { ...plain, afterMs },
      { ...step, afterMs },
    ])
    .concat(plain, { ...step, throws: undefined }, { ...step, ...FAIR });
}
