import { defineConfig } from 'vitest/config';

// Tests of real processes run one file at a time: they share two cores and the machine's ports.
const realProcesses = {
  fileParallelism: false,
  testTimeout: 60_000,
  hookTimeout: 60_000,
  teardownTimeout: 10_000,
};

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      { test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], ...realProcesses } },
      {
        test: { name: 'peers', include: ['test/peers/**/*.test.ts'], ...realProcesses, testTimeout: 180_000 },
      },
    ],
  },
});
