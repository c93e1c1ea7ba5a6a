// Storms that once broke the heart, as short as they could be made. Each was found by chance, and is to be found no more.

import { expect, it } from 'vitest';
import { rideSurge } from './storm.ts';
import { FAIR, type Step } from './storm-weather.ts';

const plain = { throws: undefined, ...FAIR } as const;
const dying = { readyAfterMs: 0, diesAfterMs: 195, status: 0 } as const;

/** A worker of current started in a slot that a deploy, abandoned half-way, had been left with: it was to go, again and again. */
const lateInItsSlot: readonly Step[] = [
  { ...plain, afterMs: 1, what: { scale: { to: 5 }, number: 538 }, workers: dying, throws: 'spawn' },
  { ...plain, afterMs: 5000, what: { signal: 'SIGHUP' } },
  { ...plain, afterMs: 400, what: { signal: 'SIGUSR2' } },
  { ...plain, afterMs: 222, what: { dies: -1, status: 0 } },
  { ...plain, afterMs: 0, what: { dies: 'all', status: 9 } },
  { ...plain, afterMs: 400, what: { dies: -1, status: 11 } },
  { ...plain, afterMs: 400, what: { ready: { newest: -1 } } },
  { ...plain, afterMs: 1000, what: { signal: 'SIGHUP' } },
];

it('tells the old worker of a slot to go that a roll which stopped half-way has brought on, once', async () => {
  const { violation } = await rideSurge({
    policy: { killOldDelayMs: 400, workers: 1, startAtOnce: 4 },
    spawnTakesMs: 3,
    survivors: { last: 37, workers: [2, 5, 26, 31, 35].map((generation) => ({ generation })) },
    steps: lateInItsSlot,
  });
  expect(violation).toBe(undefined);
});

/** Scaled down and up again in the kill-old delay: the old worker of the last slot went before its new one was there again. */
const downAndUp: readonly Step[] = [
  { ...plain, afterMs: 5000, what: { signal: 'SIGHUP' } },
  { ...plain, afterMs: 11_000, what: { scale: { to: 1 }, number: 1 } },
  { ...plain, afterMs: 500, what: { scale: { to: 2 }, number: 2 } },
];

it('tells no old worker to go whose slot scaling has left without the new one', async () => {
  const { violation } = await rideSurge({
    policy: { killOldDelayMs: 5000, workers: 2 },
    spawnTakesMs: 0,
    survivors: { last: 0, workers: [] },
    steps: downAndUp,
  });
  expect(violation).toBe(undefined);
});
