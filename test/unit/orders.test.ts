// Every order of events up to a depth, not only those that chance brings (storm.test.ts). What breaks is printed as the
// shortest list of steps, which `new Life(setting, steps)` repeats. ORDERS=deep goes further, for minutes: npm run test:deep.

import { describe, expect, it } from 'vitest';
import { everyOrder, type Found } from './orders.ts';
import { CASES } from './orders-settings.ts';
import type { Setting } from './orders-steps.ts';

const isDeep = process.env.ORDERS === 'deep';
const DEEP = { depth: 8, transitions: 250_000 };

describe('in every order of events', () => {
  it.each(Object.entries(CASES))(
    'the service is never taken down, and is whole again once nothing fails: %s',
    { timeout: isDeep ? 7_200_000 : 300_000 },
    (name, { depth, ...setting }) => {
      const found = everyOrder(setting, isDeep ? DEEP : { depth, transitions: Number.POSITIVE_INFINITY });
      if (isDeep) process.stdout.write(`${name}: ${report(found)}\n`);
      if (found.violation !== undefined) throw new Error(storyOf(setting, found.violation));
      expect(found.depth).toBeGreaterThanOrEqual(depth);
    },
  );
});

function report({ states, transitions, depth, calmMs, compared }: Found): string {
  const seen = `${states} states, ${transitions} transitions, depth ${depth}`;
  return `${seen}, whole again after ${calmMs} ms at most, ${compared} comparisons`;
}

function storyOf(setting: Setting, { what, steps, transcript }: NonNullable<Found['violation']>): string {
  return [JSON.stringify(setting), JSON.stringify(steps), ...transcript, what].join('\n');
}
