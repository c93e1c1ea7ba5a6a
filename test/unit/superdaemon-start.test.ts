import { describe, expect, it } from 'vitest';
import { cannotSpawn, dies, diesAfter, hup, lives, term } from './scenario.ts';
import { simulate } from './simulated-host.ts';

describe('the first worker', () => {
  it('counts as started, and appears in the status file, once it has lived for the interval', async () => {
    const { transcript, outcome } = await simulate({ policy: { intervalMs: 2000 } });
    expect(transcript).toEqual(['0s starting new worker 101', '2s status file 1:101']);
    expect(outcome).toBeUndefined();
  });

  it('ends the superdaemon when it cannot be spawned at all', async () => {
    const { transcript, outcome } = await simulate({ workers: [cannotSpawn('no such file')] });
    expect(outcome).toEqual({ kind: 'never-started', reason: 'no such file' });
    expect(transcript).toEqual([]);
  });

  it('is tried again after the interval when it dies too soon, with the next number', async () => {
    const { transcript } = await simulate({ workers: [diesAfter(300, 2304), lives] });
    expect(transcript).toEqual([
      '0s starting new worker 101',
      '0.3s new worker 101 seems to have failed to start, exit status:2304',
      '0.3s status file',
      '1s starting new worker 102',
      '2s status file 2:102',
    ]);
  });

  it('has failed to start although its exit status is 0', async () => {
    const { transcript } = await simulate({ workers: [diesAfter(999, 0), lives] });
    expect(transcript[1]).toBe('0.999s new worker 101 seems to have failed to start, exit status:0');
  });

  it('has failed to start when it dies in the very moment in which the interval ends', async () => {
    const { transcript } = await simulate({ workers: [diesAfter(1000), lives] });
    expect(transcript[1]).toContain('failed to start');
  });

  it('is found dead before it is declared started when the superdaemon stood still meanwhile', async () => {
    const { transcript } = await simulate({
      workers: [diesAfter(1500), lives],
      happenings: [{ atMs: 500, standsStillMs: 5000 }],
    });
    expect(transcript[1]).toBe('5.5s new worker 101 seems to have failed to start, exit status:256');
  });
});

describe('a worker that keeps failing', () => {
  it('is started once an interval, for an hour', async () => {
    const failing = Array.from({ length: 3600 }, () => diesAfter(10));
    const { transcript } = await simulate({ workers: failing });
    const starts = transcript.filter((line) => line.includes('starting new worker'));
    expect(starts.slice(0, 3600)).toEqual(
      failing.map((_, second) => `${second}s starting new worker ${101 + second}`),
    );
  });

  it('is never started more often than every 100 ms although the interval is 0', async () => {
    const { transcript } = await simulate({ policy: { intervalMs: 0 }, workers: times(5, diesAfter(1)) });
    expect(starts(transcript)).toEqual(['0s', '0.001s', '0.101s', '0.201s', '0.301s', '0.401s']);
  });

  it('is never spawned more often than every 100 ms although the interval is 0', async () => {
    const workers = [lives, cannotSpawn('EAGAIN'), cannotSpawn('EAGAIN'), cannotSpawn('EAGAIN'), lives];
    const { transcript } = await simulate({ policy: { intervalMs: 0 }, workers, happenings: [hup(5000)] });
    const line = 'failed to start a new worker: EAGAIN';
    expect(transcript.filter((each) => each.includes(line))).toEqual([
      `5s ${line}`,
      `5s ${line}`,
      `5.1s ${line}`,
    ]);
    expect(starts(transcript)).toEqual(['0s', '5.2s']);
  });
});

describe('the current worker', () => {
  it('is replaced at once when it dies after the interval', async () => {
    const { transcript } = await simulate({ happenings: [dies(60_000, 1, 11)] });
    expect(transcript.slice(2)).toEqual([
      '60s worker 101 died unexpectedly with status:11, restarting',
      '60s starting new worker 102',
      '60s status file',
      '61s status file 2:102',
    ]);
  });

  it('is replaced at once with interval 0, too, the first time', async () => {
    const { transcript } = await simulate({ policy: { intervalMs: 0 }, happenings: [dies(5, 1)] });
    expect(starts(transcript)).toEqual(['0s', '0.005s']);
  });

  it('is replaced no sooner than an interval after it was started', async () => {
    const { transcript } = await simulate({
      policy: { intervalMs: 2000 },
      workers: [diesAfter(2001), diesAfter(2001)],
    });
    expect(starts(transcript)).toEqual(['0s', '2.001s', '4.002s']);
  });

  it('is replaced again and again until a replacement starts', async () => {
    const workers = [lives, cannotSpawn('EAGAIN'), diesAfter(100, 9), lives];
    const { transcript } = await simulate({ workers, happenings: [dies(10_000, 1)] });
    expect(transcript.slice(2)).toEqual([
      '10s worker 101 died unexpectedly with status:9, restarting',
      '10s failed to start a new worker: EAGAIN',
      '10s status file',
      '11s starting new worker 103',
      '11.1s new worker 103 seems to have failed to start, exit status:9',
      '11.1s status file',
      '12s starting new worker 104',
      '13s status file 4:104',
    ]);
  });
});

describe('a pid that the kernel gives out a second time', () => {
  it('is the new worker from then on', async () => {
    const { transcript } = await simulate({
      reusesPids: true,
      workers: [diesAfter(5000)],
      happenings: [term(20_000)],
    });
    expect(transcript.slice(2)).toEqual([
      '5s worker 101 died unexpectedly with status:256, restarting',
      '5s starting new worker 101',
      '5s status file',
      '6s status file 2:101',
      '20s received TERM, sending TERM to all workers:101',
      '20s SIGTERM → 101',
      '20s worker 101 died, status:0',
      '20s exiting',
    ]);
  });
});

function starts(transcript: readonly string[]): string[] {
  return transcript
    .filter((line) => line.includes('starting new worker'))
    .map((line) => line.split(' ')[0] ?? '');
}

function times<Item>(count: number, item: Item): Item[] {
  return Array.from({ length: count }, () => item);
}
