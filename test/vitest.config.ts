import { defineConfig } from 'vitest/config';

// On a machine that is not ours to keep quiet one try more; what needed it is shown as such (`retry x1`), and is a fault of
// the test all the same.
const retry = process.env.CI === 'true' ? 1 : 0;

// A process for all the files of a worker, in place of one for each, which takes half a second of a processor. The files share
// nothing but modules.
const shared = { isolate: false };

// Tests of real processes mostly wait: for an interval, for a reference that sleeps. So more of their files than there are
// processors run side by side. Of those that are a load themselves, or measure, two. A group starts when the one before it
// has ended. WORKERS=2 where another suite runs at the same time.
const realProcesses = {
  ...shared,
  testTimeout: 60_000,
  hookTimeout: 60_000,
  teardownTimeout: 10_000,
  retry,
};
const sideBySide = {
  ...realProcesses,
  maxWorkers: Number(process.env.WORKERS ?? 3),
  sequence: { groupOrder: 1 },
};
const loads = { ...realProcesses, maxWorkers: 2, sequence: { groupOrder: 2 } };

const e2e = 'test/e2e/**/*.test.ts';
const loadFiles = [
  'argument-vectors',
  'chaos',
  'load',
  'pool-load',
  'reconfigure-load',
  'upgrade-load',
  'survive',
  'faults-growth',
].map((name) => `test/e2e/${name}.test.ts`);

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 20_000,
          maxWorkers: 2,
        },
      },
      { test: { name: 'e2e', include: [e2e], exclude: loadFiles, ...sideBySide } },
      { test: { name: 'e2e-loads', include: loadFiles, ...loads } },
      {
        test: { name: 'peers', include: ['test/peers/**/*.test.ts'], ...loads, testTimeout: 180_000 },
      },
    ],
  },
});
