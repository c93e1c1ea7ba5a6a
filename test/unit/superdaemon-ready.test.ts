import { describe, expect, it } from 'vitest';
import { dies, diesAfter, goesAfter, hup, ignoresSignals, lives, readyAfter, saysReady } from './scenario.ts';
import { simulate } from './simulated-host.ts';

const policy = { readyTimeoutMs: 60_000 };

describe('a worker that says when it is ready', () => {
  it('takes over at that very moment, and the old worker is told to go then', async () => {
    const { transcript } = await simulate({
      policy,
      workers: [readyAfter(0), readyAfter(70)],
      happenings: [hup(5000)],
    });
    expect(transcript).toEqual([
      '0s starting new worker 101',
      '0s status file 1:101',
      '5s received HUP, spawning a new worker',
      '5s starting new worker 102',
      '5.07s status file 1:101 2:102',
      '5.07s new worker is now running, sending TERM to old workers:101',
      '5.07s killing old workers',
      '5.07s SIGTERM → 101',
      '5.07s old worker 101 died, status:0',
      '5.07s status file 2:102',
    ]);
  });

  it('does not count as started after the interval, however long it takes to say so', async () => {
    const { transcript } = await simulate({ policy, workers: [readyAfter(59_999)] });
    expect(transcript).toEqual(['0s starting new worker 101', '59.999s status file 1:101']);
  });

  it('is in time when its message arrives in the moment in which its time ends', async () => {
    const { transcript } = await simulate({ policy, workers: [readyAfter(60_000)] });
    expect(transcript).toEqual(['0s starting new worker 101', '60s status file 1:101']);
  });

  it('lets the next deploy begin no sooner than the interval after its own start', async () => {
    const { transcript } = await simulate({
      policy,
      workers: [readyAfter(10), readyAfter(10), readyAfter(10)],
      happenings: [hup(5000), hup(5005)],
    });
    expect(starts(transcript)).toEqual(['0s', '5s', '6s']);
  });

  it('is followed by the deploy that was asked for meanwhile, whatever the kill-old delay', async () => {
    const { transcript } = await simulate({
      policy: { ...policy, killOldDelayMs: 60_000 },
      workers: [readyAfter(10), readyAfter(3000), readyAfter(10)],
      happenings: [hup(5000), hup(6000)],
    });
    expect(starts(transcript)).toEqual(['0s', '5s', '8s']);
  });

  it('has failed when it dies before, and the next one is spaced by the interval', async () => {
    const { transcript } = await simulate({
      policy,
      workers: [readyAfter(10), { diesAfterMs: 300, readyAfterMs: 400 }, readyAfter(10)],
      happenings: [hup(5000)],
    });
    expect(transcript.slice(4, 8)).toEqual([
      '5.3s new worker 102 seems to have failed to start, exit status:0',
      '5.3s status file 1:101',
      '6s starting new worker 103',
      '6.01s status file 1:101 3:103',
    ]);
  });

  it('may say it twice', async () => {
    const { transcript } = await simulate({
      policy,
      workers: [readyAfter(0)],
      happenings: [saysReady(50, 1)],
    });
    expect(transcript).toEqual(['0s starting new worker 101', '0s status file 1:101']);
  });
});

describe('a message of readiness counts for nothing', () => {
  const workers = [readyAfter(0), readyAfter(500), readyAfter(500)];
  it.each([
    ['from the old generation', saysReady(5100, 1)],
    ['from a generation to come', saysReady(5100, 3)],
    ['from the next generation, before its spawn', saysReady(4000, 2)],
  ])('%s', async (_whose, forged) => {
    const { transcript } = await simulate({ policy, workers, happenings: [hup(5000), forged] });
    expect(transcript.slice(2, 5)).toEqual([
      '5s received HUP, spawning a new worker',
      '5s starting new worker 102',
      '5.5s status file 1:101 2:102',
    ]);
  });

  it('from a worker that has died', async () => {
    const { transcript } = await simulate({
      policy,
      workers: [readyAfter(0), diesAfter(100), readyAfter(500)],
      happenings: [hup(5000), saysReady(5200, 2), saysReady(6100, 2)],
    });
    expect(transcript.slice(4, 8)).toEqual([
      '5.1s new worker 102 seems to have failed to start, exit status:256',
      '5.1s status file 1:101',
      '6s starting new worker 103',
      '6.5s status file 1:101 3:103',
    ]);
  });

  it('where being alive after the interval is what counts', async () => {
    const { transcript } = await simulate({ happenings: [saysReady(100, 1), hup(5000), saysReady(5100, 2)] });
    expect(transcript.filter((line) => line.includes('status file')).slice(0, 2)).toEqual([
      '1s status file 1:101',
      '6s status file 1:101 2:102',
    ]);
  });
});

describe('a worker that is not ready in time', () => {
  const late = { ...policy, readyTimeoutMs: 3000, signalOnTerm: 'SIGQUIT', signalOnHup: 'SIGUSR2' } as const;

  it('is told to go, its successor is tried, and the old generation serves on meanwhile', async () => {
    const { transcript } = await simulate({
      policy: late,
      workers: [readyAfter(0), goesAfter(200), readyAfter(10)],
      happenings: [hup(5000)],
    });
    expect(transcript.slice(3, 9)).toEqual([
      '5s starting new worker 102',
      '8s new worker 102 is not ready after 3 secs, sending QUIT to it',
      '8s SIGQUIT → 102',
      '8s starting new worker 103',
      '8.01s status file 1:101 3:103',
      '8.01s new worker is now running, sending USR2 to old workers:101',
    ]);
    expect(transcript).toContain('8.2s new worker 102 seems to have failed to start, exit status:0');
  });

  it('is followed by the next one no sooner than the interval after its start', async () => {
    const { transcript } = await simulate({
      policy: { ...late, intervalMs: 7000 },
      workers: [readyAfter(0), lives, readyAfter(10)],
      happenings: [hup(20_000)],
    });
    expect(starts(transcript)).toEqual(['0s', '20s', '27s']);
  });

  it.each([
    [0, 10_000],
    [4000, 4000],
  ])('is killed when it has not gone: kill-old-timeout %i ms, after %i ms', async (killOldTimeoutMs, ms) => {
    const { transcript } = await simulate({
      policy: { ...late, killOldTimeoutMs },
      workers: [readyAfter(0), ignoresSignals, readyAfter(10)],
      happenings: [hup(5000)],
    });
    expect(transcript.filter((line) => line.includes('KILL'))).toEqual([
      `${8 + ms / 1000}s worker 102 has not gone in time, sending KILL to it`,
      `${8 + ms / 1000}s SIGKILL → 102`,
    ]);
    expect(transcript.at(-1)).toBe(`${8 + ms / 1000}s status file 3:103`);
  });

  it('is not resurrected by its late message', async () => {
    const { transcript } = await simulate({
      policy: late,
      workers: [readyAfter(0), { readyAfterMs: 3001, goesAfterMs: 5000 }, readyAfter(2000)],
      happenings: [hup(5000)],
    });
    expect(transcript.filter((line) => line.includes('status file 1:101'))).toEqual([
      '0s status file 1:101',
      '10s status file 1:101 3:103',
    ]);
  });

  it('is followed by the next one while nobody serves, too', async () => {
    const { transcript } = await simulate({
      policy: late,
      workers: [readyAfter(0), lives, readyAfter(10)],
      happenings: [dies(5000, 1)],
    });
    expect(starts(transcript)).toEqual(['0s', '5s', '8s']);
    expect(transcript.at(-1)).toBe('8.01s status file 3:103');
  });
});

function starts(transcript: readonly string[]): string[] {
  return transcript
    .filter((line) => line.includes('starting new worker'))
    .map((line) => line.split(' ')[0] ?? '');
}
