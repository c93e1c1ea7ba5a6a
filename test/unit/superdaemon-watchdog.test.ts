// A worker that hangs: when it is replaced, and when it is left alone.

import { describe, expect, it } from 'vitest';
import { inSlot, pool, servingAt, since } from './pool.ts';
import { hangsAfter, hup, lives, speaks, term } from './scenario.ts';
import { simulate } from './simulated-host.ts';

const policy = { watchdogMs: 5000, signalOnTerm: 'SIGQUIT' } as const;

describe('a worker that says that it lives, and then nothing more', () => {
  it('is told to go when its time is up, and replaced at once', async () => {
    const { transcript } = await simulate({
      policy,
      workers: [hangsAfter(10_000), speaks],
      happenings: [term(60_000)],
    });
    expect(transcript.filter((line) => /silent|SIG|starting/.test(line)).slice(1)).toEqual([
      '14s worker 101 has been silent for 5 secs, sending QUIT to it',
      '14s SIGQUIT → 101',
      '14s starting new worker 102',
      '60s SIGQUIT → 102',
    ]);
  });

  it('is killed after the same time again', async () => {
    const { transcript } = await simulate({
      policy,
      workers: [hangsAfter(10_000, Number.POSITIVE_INFINITY), speaks],
      untilMs: 60_000,
    });
    expect(transcript).toContain('19s SIGKILL → 101');
  });

  it('has its whole time from when it has started, whatever it said before', async () => {
    const { transcript } = await simulate({
      policy: { ...policy, intervalMs: 30_000 },
      workers: [hangsAfter(2000), lives],
      untilMs: 50_000,
    });
    expect(transcript.filter((line) => /silent/.test(line))).toEqual([
      '35s worker 101 has been silent for 5 secs, sending QUIT to it',
    ]);
  });

  it('fails the deploy that it belongs to, as its death would', async () => {
    const { told } = await simulate({
      policy: { ...policy, maxStartAttempts: 1, workers: 2, startAtOnce: 1, intervalMs: 10_000 },
      workers: (_now, { generation, place }) =>
        generation === 1 ? speaks : place?.worker === 0 ? hangsAfter(12_000) : lives,
      happenings: [hup(100_000)],
      untilMs: 200_000,
    });
    expect(told.find(({ event }) => event === 'given-up')).toMatchObject({
      reason: 'worker 103 was silent for 5 secs',
      keeps: 1,
    });
  });

  it('has its time anew when the superdaemon itself stood still', async () => {
    const { transcript } = await simulate({
      policy,
      workers: [hangsAfter(18_500), speaks],
      happenings: [{ atMs: 20_500, standsStillMs: 60_000 }],
      untilMs: 200_000,
    });
    expect(transcript.filter((line) => /silent/.test(line))).toEqual([
      '85.5s worker 101 has been silent for 5 secs, sending QUIT to it',
    ]);
  });
});

describe('silence', () => {
  it('of one that never spoke means nothing', async () => {
    const { transcript } = await simulate({ policy, workers: [lives], untilMs: 600_000 });
    expect(transcript.filter((line) => /silent/.test(line))).toEqual([]);
  });

  it('of one that was told to go means nothing', async () => {
    const { transcript } = await simulate({
      policy,
      workers: [hangsAfter(10_000, 100_000), speaks],
      happenings: [hup(10_500)],
      untilMs: 300_000,
    });
    expect(transcript.filter((line) => /silent|KILL/.test(line))).toEqual([]);
  });
});

describe('workers of a pool that hang together', () => {
  it('are replaced one after the other: the next one when the last one’s successor has started', async () => {
    const simulation = await pool({
      policy: { watchdogMs: 5000 },
      workers: (now) => (now < 10_000 ? hangsAfter(20_000) : speaks),
      untilMs: 120_000,
    });
    const { story } = simulation;
    expect(since(story, 10_000).filter((line) => /→|started/.test(line))).toEqual([
      '24s SIGTERM → 1/0',
      '25s started 1/0',
      '25s SIGTERM → 1/1',
      '26s started 1/1',
      '26s SIGTERM → 1/2',
      '27s started 1/2',
      '27s SIGTERM → 1/3',
      '28s started 1/3',
    ]);
    expect(servingAt(simulation, 120_000)).toEqual(['1/0', '1/1', '1/2', '1/3']);
  });

  it('do not wait for one whose successor cannot start', async () => {
    const broken = inSlot(1, 0, [hangsAfter(20_000)], { diesAfterMs: 50, status: 256 });
    const { story } = await pool({
      policy: { watchdogMs: 5000 },
      workers: (now, attempt) =>
        attempt.place?.worker === 0 ? broken(now, attempt) : now < 10_000 ? hangsAfter(20_000) : speaks,
      untilMs: 60_000,
    });
    expect(story.filter((line) => /s started 1\/[123]/.test(line))).toHaveLength(6);
  });
});
