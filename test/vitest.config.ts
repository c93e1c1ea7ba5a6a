import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// On a machine that is not ours to keep quiet one try more; what needed it is shown as such (`retry x1`), and is a fault of
// the test all the same.
const retry = process.env.CI === 'true' ? 1 : 0;

// A process for all the files of a worker, in place of one for each, which takes half a second of a processor. The files share
// nothing but modules, and each is looked at when it ends.
const shared = { isolate: false, setupFiles: ['test/support/leaves-nothing.ts'] };

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

// Those that take longest, before all others of their group: begun last, one would leave a processor without work.
const longest = [
  'e2e/conformance/conformance',
  ...['as-node-load', 'upgrade', 'reconfigure', 'canary'].map((name) => `e2e/${name}`),
  ...['pool-load', 'survive', 'chaos', 'load'].map((name) => `e2e/${name}`),
  ...['one-file', 'as', 'prometheus', 'systemd-notify', 'chaos', 'frameworks'].map((name) => `peers/${name}`),
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => groupOf(a) - groupOf(b) || placeOf(a) - placeOf(b));
  }
}

const groupOf = ({ project }: TestSpecification) => project.config.sequence.groupOrder;

function placeOf({ moduleId }: TestSpecification): number {
  const place = longest.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
  return place < 0 ? longest.length : place;
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
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
