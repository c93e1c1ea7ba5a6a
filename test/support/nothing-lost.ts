import { expect } from 'vitest';
import type { Load } from './load.ts';
import type { LoadReport } from './tally.ts';

/** Expects that every request was answered, and that each of the generations 1 to `generations` answered some. */
export function expectNothingLost(
  { losses, counts, generations: seen }: LoadReport,
  generations: number,
): void {
  expect(losses).toEqual({});
  const { requests, ok, ...lost } = counts;
  expect(lost).toEqual({ refused: 0, reset: 0, failed: 0, timedOut: 0, other: 0 });
  expect(ok).toBe(requests);
  expect([...seen.keys()]).toEqual(Array.from({ length: generations }, (_, index) => index + 1));
}

/** Ends the loads, whose every request was answered, whoever answered it. */
export async function expectAllAnswered(loads: readonly Load[]): Promise<void> {
  const reports = await Promise.all(loads.map((load) => load.stop()));
  for (const { losses, counts } of reports) {
    expect(losses).toEqual({});
    expect(counts.ok).toBe(counts.requests);
  }
  process.stdout.write(`${reports.map(({ counts }) => counts.requests)} requests\n`);
}
