import { expect, it } from 'vitest';
import { type DeployCounts, deployCounts } from '../../src/control/deploy-counts.ts';
import type { LogEvent } from '../../src/superdaemon/log-event.ts';

const hup: LogEvent = { event: 'hup', deploy: 1 };
const started: LogEvent = { event: 'worker-started', generation: 1, pid: 10 };
const deployed = (deploy: number | undefined, generation: number): LogEvent => ({
  ...{ event: 'deployed', deploy, generation, pid: 20, signal: 'SIGTERM', oldPids: [], leaving: [] },
});
const givenUp: LogEvent = { event: 'given-up', deploy: 1, attempts: 3, reason: 'it died', keeps: 1 };
const refused: LogEvent = { event: 'check-refused', deploy: 1, generation: 2, reason: 'no', keeps: 1 };

/** Events, and milliseconds that pass. */
function take(counts: DeployCounts, clock: { ms: number }, steps: readonly (LogEvent | number)[]) {
  for (const step of steps) {
    if (typeof step === 'number') clock.ms += step;
    else counts.take(step);
  }
  return counts.counted();
}

function counted(steps: readonly (LogEvent | number)[]) {
  const clock = { ms: 0 };
  const counts = deployCounts({ monotonic: () => clock.ms, wall: () => 1e12 + clock.ms });
  return take(counts, clock, steps);
}

it('the first start is no deploy, nor is a worker’s replacement', () => {
  expect(counted([started, deployed(undefined, 2)])).toMatchObject({
    generation: 2,
    results: { succeeded: 0, failed: 0, superseded: 0 },
    last: undefined,
  });
});

it('a deploy lasts from its request until the new generation serves', () => {
  expect(counted([started, 1000, hup, 700, deployed(1, 2)])).toMatchObject({
    generation: 2,
    results: { succeeded: 1 },
    durations: [0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
    durationsMs: 700,
    last: { result: 'succeeded', at: 1e12 + 1700, durationMs: 700, generation: 2 },
  });
});

it.each([
  ['that is given up', givenUp, 'it died'],
  ['that the check refuses', refused, 'no'],
])('a deploy %s has failed, and the reason is told until the next one', (_what, end, reason) => {
  const after = counted([started, hup, 50, end]);
  expect(after).toMatchObject({ generation: 1, results: { failed: 1 }, durationsMs: 0 });
  expect(after.last).toEqual({ result: 'failed', at: 1e12 + 50, durationMs: 50, generation: 1, reason });
  expect(counted([started, hup, end, hup, deployed(2, 3)]).last).toMatchObject({ result: 'succeeded' });
});

it('a deploy that another one follows before it is over is superseded, which is no failure', () => {
  expect(counted([started, hup, 100, hup, 100, deployed(2, 3)])).toMatchObject({
    results: { succeeded: 1, failed: 0, superseded: 1 },
    durationsMs: 100,
  });
});

it('a worker of a pool that has started early does not make its generation the one that serves', () => {
  const ofPool = (generation: number): LogEvent => ({ ...started, generation, worker: 0 }) as LogEvent;
  expect(counted([ofPool(1)]).generation).toBe(1);
  expect(counted([ofPool(1), hup, ofPool(2)]).generation).toBe(1);
  expect(counted([ofPool(1), hup, ofPool(2), deployed(1, 2)]).generation).toBe(2);
});

it('goes on in the successor, a deploy under way included', () => {
  const clock = { ms: 0 };
  const clocks = { monotonic: () => clock.ms, wall: () => clock.ms };
  const before = deployCounts(clocks);
  take(before, clock, [started, hup, 300, deployed(1, 2), hup, 400]);
  const after = deployCounts(clocks, before.forSuccessor());
  expect(take(after, clock, [300, deployed(2, 3)])).toMatchObject({
    results: { succeeded: 2 },
    durationsMs: 1000,
    last: { durationMs: 700, generation: 3 },
  });
});
