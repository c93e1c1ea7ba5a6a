// Every order of events up to a depth, not only those that chance brings (storm.test.ts). What breaks is printed as the
// shortest list of steps, which `new Life(setting, steps)` repeats. ORDERS=deep goes further, for minutes: npm run test:deep.

import { describe, expect, it } from 'vitest';
import { everyOrder, type Found } from './orders.ts';
import type { Setting } from './orders-life.ts';

const asked = ['HUP', 'USR2', 'request'];
const ready = { readyTimeoutMs: 3000, killOldTimeoutMs: 700, maxStartAttempts: 2 };
const scaling = ['HUP', 'TTIN', 'TTOU', 'cancel'];

interface Case extends Setting {
  readonly depth: number;
}

/** Each limit of time is another one, so that they come in every order, too. */
const CASES: Readonly<Record<string, Case>> = {
  'one worker': { policy: { killOldDelayMs: 1700 }, asked, depth: 6 },
  'one worker, with readiness, a check and limits': {
    policy: { ...ready, hasCheck: true, stopTimeoutMs: 900 },
    asked,
    depth: 6,
  },
  'one worker that is restarted by time': {
    policy: { autoRestartIntervalMs: 5000, backoffMs: 4000, hasCheck: true },
    asked: ['HUP', 'request'],
    depth: 6,
  },
  'two workers': { policy: { workers: 2, killOldDelayMs: 400 }, asked, depth: 4 },
  'two workers, with readiness, a check and limits': {
    policy: { workers: 2, startAtOnce: 2, ...ready, hasCheck: true, stopTimeoutMs: 900 },
    asked,
    depth: 5,
  },
  'two workers, deployed from slot to slot': { policy: { workers: 2, surge: 1, ...ready }, asked, depth: 4 },
  'two workers behind a canary': {
    policy: { workers: 2, canaryMs: 2000, hasCanaryCheck: true, ...ready },
    asked: ['HUP', 'USR2', 'cancel'],
    depth: 4,
  },
  'a pool of one that may be recycled': {
    policy: { workers: 1, killOldDelayMs: 400, ...ready },
    asked: ['HUP', 'USR2'],
    replacing: true,
    depth: 5,
  },
  'two workers that may be recycled': {
    policy: { workers: 2, maxAgeMs: 8000 },
    asked: ['HUP', 'USR2', 'TTOU'],
    replacing: true,
    depth: 4,
  },
  'two workers that may be recycled, deployed from slot to slot': {
    policy: { workers: 2, surge: 1, killOldTimeoutMs: 700 },
    asked: ['HUP'],
    replacing: true,
    depth: 4,
  },
  'a pool that is scaled': {
    policy: { workers: 1, startAtOnce: 2, killOldDelayMs: 400, maxOld: 1 },
    asked: scaling,
    depth: 4,
  },
  'a pool that is scaled and deployed from slot to slot': {
    policy: { workers: 1, surge: 1, ...ready },
    asked: scaling,
    depth: 4,
  },
};

const isDeep = process.env.ORDERS === 'deep';
const DEEP = { depth: 40, transitions: 20_000 };

describe('in every order of events', () => {
  it.each(Object.entries(CASES))(
    'the service is never taken down, and is whole again once nothing fails: %s',
    { timeout: isDeep ? 1_800_000 : 120_000 },
    (name, { depth, ...setting }) => {
      const found = everyOrder(setting, isDeep ? DEEP : { depth, transitions: Number.POSITIVE_INFINITY });
      if (isDeep) process.stdout.write(`${name}: ${report(found)}\n`);
      if (found.violation !== undefined) throw new Error(storyOf(setting, found.violation));
      expect(found.depth).toBeGreaterThanOrEqual(depth);
    },
  );
});

function report({ states, transitions, depth, calmMs }: Found): string {
  return `${states} states, ${transitions} transitions, depth ${depth}, whole again after ${calmMs} ms at most`;
}

function storyOf(setting: Setting, { what, steps, transcript }: NonNullable<Found['violation']>): string {
  return [JSON.stringify(setting), JSON.stringify(steps), ...transcript, what].join('\n');
}
