// Orders of events that the search through all of them (orders.test.ts) has found, or its witness has got wrong, as short as
// they come.

import { expect, it } from 'vitest';
import { lived } from './orders-life.ts';
import type { Setting } from './orders-steps.ts';

const everySecond: Setting = { policy: {}, asked: [] };

it('tries the new program once more where a deploy has begun meanwhile, whose first worker could not be spawned', () => {
  const { violation, world } = lived(everySecond, ['deadline', 'deadline', 'USR2', 'HUP!0']);
  expect(violation).toBe(undefined);
  expect(world.pending.map(({ what, cancelled }) => [what, cancelled])).toEqual([['proof', false]]);
  expect(world.pending.map(({ number }) => number)).toEqual([2]);
});

it('tries the new program once more where a deploy has begun meanwhile, and its check could not be run', () => {
  const steps = ['deadline', 'passes 0', 'deadline', 'USR2', 'HUP!0'];
  const { violation, world } = lived({ policy: { hasCheck: true }, asked: [] }, steps);
  expect(violation).toBe(undefined);
  expect(world.pending.map(({ number }) => number)).toEqual([2]);
});

it('keeps an old worker whose slot was taken away and given back, until the new one of that slot serves', () => {
  const steps = 'deadline,deadline,TTIN!0,TTIN,TTOU,HUP,TTIN,deadline,deadline,deadline,deadline'.split(',');
  const setting = { policy: { workers: 1, startAtOnce: 2, killOldDelayMs: 400 }, asked: [] };
  const { violation, world } = lived(setting, steps, true);
  expect(violation).toBe(undefined);
  expect(world.transcript.filter((line) => line.includes('→ 102'))).toEqual([]);
  const later = lived(setting, [...steps, 'deadline'], true);
  expect(later.violation).toBe(undefined);
  expect(later.world.transcript.filter((line) => line.includes('→ 102'))).toEqual(['4.4s SIGTERM → 102']);
});
