import { describe, expect, it } from 'vitest';
import { dies, diesAfter, hup, lives, type SpawnScript } from './scenario.ts';
import { simulate } from './simulated-host.ts';

const policy = { backoffMs: 4000 };
const failing = (count: number): SpawnScript[] => Array.from({ length: count }, () => diesAfter(100));

describe('backoff', () => {
  it('spaces failing attempts ever wider, by half again, up to its cap', async () => {
    const { transcript } = await simulate({ policy, workers: failing(6) });
    expect(starts(transcript)).toEqual([0, 1500, 3750, 7125, 11_125, 15_125, 19_125]);
  });

  it('is none by default', async () => {
    const { transcript } = await simulate({ workers: failing(4) });
    expect(starts(transcript)).toEqual([0, 1000, 2000, 3000, 4000]);
  });

  it('never makes attempts come faster than the interval, however low its cap', async () => {
    const { transcript } = await simulate({ policy: { backoffMs: 500 }, workers: failing(3) });
    expect(starts(transcript)).toEqual([0, 1000, 2000, 3000]);
  });

  it('grows from 100 ms where the interval is 0', async () => {
    const { transcript } = await simulate({
      policy: { intervalMs: 0, backoffMs: 300 },
      workers: [lives, ...Array.from({ length: 5 }, () => ({ fails: 'EAGAIN' })), lives],
      happenings: [hup(5000)],
    });
    expect(starts(transcript)).toEqual([0, 6275]);
  });

  it('is forgotten after a healthy start', async () => {
    const { transcript } = await simulate({
      policy,
      workers: [...failing(2), lives, ...failing(2), lives],
      happenings: [dies(60_000, 3)],
    });
    expect(starts(transcript)).toEqual([0, 1500, 3750, 60_000, 61_500, 63_750]);
  });

  it('is forgotten when HUP comes, which makes the next attempt at once', async () => {
    const { transcript } = await simulate({
      policy: { backoffMs: 60_000 },
      workers: [lives, ...failing(5)],
      happenings: [hup(10_000), hup(20_000)],
    });
    expect(starts(transcript)).toEqual([0, 10_000, 11_500, 13_750, 17_125, 20_000, 21_500]);
  });

  it('keeps the interval even when HUP comes', async () => {
    const { transcript } = await simulate({
      policy: { backoffMs: 60_000 },
      workers: [lives, ...failing(2), lives],
      happenings: [hup(10_000), hup(11_900)],
    });
    expect(starts(transcript)).toEqual([0, 10_000, 11_500, 12_500]);
  });

  it('does not keep a current worker that dies from being replaced at once', async () => {
    const { transcript } = await simulate({ policy, happenings: [dies(5000, 1)] });
    expect(starts(transcript)).toEqual([0, 5000]);
  });
});

function starts(transcript: readonly string[]): number[] {
  return transcript
    .filter((line) => line.includes('starting new worker'))
    .map((line) => Math.round(Number.parseFloat(line) * 1000));
}
