// Workers that are replaced for their age, their memory, or because they ask for it.

import { describe, expect, it } from 'vitest';
import { inSlot, pool, servingAt, since } from './pool.ts';
import { diesByPid, hup, lives, type WorkerScript } from './scenario.ts';
import { simulate } from './simulated-host.ts';

const asks: WorkerScript = { asksAfterMs: 10_000 };
const recycling = (story: readonly string[]) =>
  since(story, 10_000).filter((line) => /start|→|hup|deployed/.test(line));

describe('a worker that asks to be replaced', () => {
  it('serves until its successor does, which bears the same number', async () => {
    const { transcript } = await simulate({ workers: [asks], untilMs: 60_000 });
    expect(transcript.filter((line) => /recycl|starting|SIG|taken over/.test(line)).slice(1)).toEqual([
      '10s recycling worker 101: it has asked for it',
      '10s starting new worker 101',
      '11s worker 101 has taken over from worker 101, sending TERM to it',
      '11s SIGTERM → 101',
    ]);
  });

  it('has the kill-old delay, as at a deploy', async () => {
    const { story } = await pool({
      policy: { killOldDelayMs: 5000 },
      workers: inSlot(1, 2, [asks]),
      untilMs: 60_000,
    });
    expect(recycling(story)).toEqual(['11s start 1/2', '12s started 1/2', '17s SIGTERM → 1/2']);
  });

  it('stays when its successor fails, which is tried again later each time', async () => {
    const broken = { diesAfterMs: 100, status: 256 };
    const { story, told } = await pool({
      workers: inSlot(1, 2, [asks, broken, broken, lives]),
      untilMs: 100_000,
    });
    expect(recycling(story)).toEqual([
      '11s start 1/2',
      '21.1s start 1/2',
      '41.2s start 1/2',
      '42.2s started 1/2',
      '42.2s SIGTERM → 1/2',
    ]);
    expect(told.filter(({ event }) => event === 'recycle-failed')).toMatchObject([
      { inMs: 10_000, pid: 103 },
      { inMs: 20_000, pid: 103 },
    ]);
  });

  it('waits while a deploy is under way, and is forgotten when that succeeds', async () => {
    const { told } = await pool({ workers: inSlot(1, 2, [asks]), happenings: [hup(9500)], untilMs: 60_000 });
    expect(told.some(({ event }) => event === 'recycling')).toBe(false);
  });

  it('that dies meanwhile has its successor in its place', async () => {
    const simulation = await pool({
      workers: inSlot(1, 2, [asks]),
      happenings: [diesByPid(11_500, 103)],
      untilMs: 60_000,
    });
    expect(recycling(simulation.story)).toEqual(['11s start 1/2', '12s started 1/2']);
    expect(servingAt(simulation, 60_000)).toEqual(['1/0', '1/1', '1/2', '1/3']);
  });
});

describe('workers of a pool that are too old', () => {
  it('go one at a time, spread over a tenth of their time, and never fewer than all serve', async () => {
    const simulation = await pool({ policy: { maxAgeMs: 100_000 }, untilMs: 104_500 });
    expect(recycling(simulation.story)).toEqual([
      '94.5s start 1/3',
      '95.5s started 1/3',
      '95.5s SIGTERM → 1/3',
      '97s start 1/2',
      '98s started 1/2',
      '98s SIGTERM → 1/2',
      '98.5s start 1/1',
      '99.5s started 1/1',
      '99.5s SIGTERM → 1/1',
      '101s start 1/0',
      '102s started 1/0',
      '102s SIGTERM → 1/0',
    ]);
  });

  it('wait for one that has been told to go and has not gone', async () => {
    const { story } = await pool({
      policy: { maxAgeMs: 100_000 },
      workers: () => ({ goesAfterMs: 30_000 }),
      untilMs: 150_000,
    });
    expect(recycling(story).filter((line) => / start /.test(line))).toEqual([
      '94.5s start 1/3',
      '125.5s start 1/2',
    ]);
  });

  it('are told from those that are too large in two samples', async () => {
    const leaking = { leaksBytes: 1000 };
    const { told } = await pool({
      policy: { maxMemoryBytes: 25_000 },
      workers: inSlot(1, 1, [leaking]),
      untilMs: 60_000,
    });
    expect(told.filter(({ event }) => event === 'recycling')).toMatchObject([
      { atMs: 40_000, worker: 1, reason: 'memory', memoryBytes: 40_000 },
    ]);
  });
});
