import { defineConfig } from 'vitest/config';

// On a machine that is not ours to keep quiet one try more; what needed it is shown as such (`retry x1`), and is a fault of
// the test all the same.
const retry = process.env.CI === 'true' ? 1 : 0;
const realProcesses = { testTimeout: 60_000, hookTimeout: 60_000, teardownTimeout: 10_000, retry };

// Tests of real processes mostly wait: for an interval, for a reference that sleeps. So their files run side by side, all
// but those that are a load themselves, or measure. A group starts when the one before it has ended.
const sideBySide = { ...realProcesses, maxWorkers: 2, sequence: { groupOrder: 1 } };
const alone = { ...realProcesses, maxWorkers: 1, sequence: { groupOrder: 2 } };

const e2e = 'test/e2e/**/*.test.ts';
const loads = [
  'argument-vectors',
  'chaos',
  'load',
  'pool-load',
  'upgrade-load',
  'survive',
  'faults-growth',
].map((name) => `test/e2e/${name}.test.ts`);

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 20_000 } },
      { test: { name: 'e2e', include: [e2e], exclude: loads, ...sideBySide } },
      { test: { name: 'e2e-alone', include: loads, ...alone } },
      {
        test: { name: 'peers', include: ['test/peers/**/*.test.ts'], ...alone, testTimeout: 180_000 },
      },
    ],
  },
});
