import { describe, expect, it } from 'vitest';
import { failing as inPool, inSlot, pool } from './pool.ts';
import { dies, diesAfter, diesByPid, hup, lives, readyAfter, type SpawnScript } from './scenario.ts';
import { simulate } from './simulated-host.ts';

const policy = { backoffMs: 4000 };
const failing = (count: number): SpawnScript[] => Array.from({ length: count }, () => diesAfter(100));

describe('backoff', () => {
  it('spaces failing attempts ever wider, by half again, up to its cap', async () => {
    const { transcript } = await simulate({ policy, workers: failing(6) });
    expect(starts(transcript)).toEqual([0, 1500, 3750, 7125, 11_125, 15_125, 19_125]);
  });

  it('tells whoever asks when the next attempt comes, which may be at once', async () => {
    const { told } = await simulate({
      policy: { ...policy, readyTimeoutMs: 9000 },
      workers: [diesAfter(100), diesAfter(2000), diesAfter(8000), readyAfter(0)],
      happenings: [dies(60_000, 4)],
      untilMs: 61_000,
    });
    const retries = told.flatMap((each) =>
      each.event === 'retry-scheduled' ? [[each.atMs, each.inMs]] : [],
    );
    expect(retries).toEqual([
      [100, 1400],
      [3500, 250],
      [11_750, 0],
      [60_000, 0],
    ]);
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

  it('is forgotten in all slots of a pool once nobody serves any more', async () => {
    const { story } = await pool({
      policy: { workers: 2, backoffMs: 60_000 },
      workers: inSlot(1, 1, [lives, ...inPool(4)]),
      happenings: [diesByPid(10_000, 102), diesByPid(18_000, 101)],
    });
    const attempts = story.filter((line) => line.includes('start 1/1'));
    expect(attempts).toEqual([0, 10, 11.5, 13.75, 17.125, 18.125].map((at) => `${at}s start 1/1`));
  });
});

function starts(transcript: readonly string[]): number[] {
  return transcript
    .filter((line) => line.includes('starting new worker'))
    .map((line) => Math.round(Number.parseFloat(line) * 1000));
}
