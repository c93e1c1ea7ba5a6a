// Nobody is to wait for a check while nobody serves: a worker stands in, unchecked, and the deploy comes after it.

import { describe, expect, it } from 'vitest';
import { cannotSpawn, dies, hup, lives, passes, readyAfter, refuses, request } from './scenario.ts';
import { simulate } from './simulated-host.ts';

const policy = { hasCheck: true };
const told = (transcript: readonly string[]) =>
  transcript.filter((line) => /check|starting|HUP|refused/.test(line));

describe('a current worker that dies while nobody else serves', () => {
  it('is replaced without a check', async () => {
    const { transcript } = await simulate({ policy, checks: [passes()], happenings: [dies(5000, 1)] });
    expect(transcript).toContain('5s starting new worker 102');
    expect(transcript).not.toContain('5s check 2');
  });
});

describe('a current worker that dies while the check runs', () => {
  const checks = [passes(), { endsAfterMs: 60_000, evenCancelled: true } as const, passes(50)];

  it('is replaced at once, and the deploy is made up for afterwards, with a check', async () => {
    const { transcript } = await simulate({ policy, checks, happenings: [hup(5000), dies(9000, 1)] });
    expect(transcript.slice(4, 9)).toEqual([
      '5s check 2',
      '9s old worker 101 died, status:9',
      '9s check cancelled',
      '9s starting new worker 103',
      '9s status file',
    ]);
    expect(told(transcript).slice(6)).toEqual([
      '10s received HUP, spawning a new worker',
      '10s check 4',
      '10.05s starting new worker 104',
    ]);
  });

  it('is replaced an interval after the check began when that is later', async () => {
    const { transcript } = await simulate({ policy, checks, happenings: [hup(5000), dies(5200, 1)] });
    expect(told(transcript)).toContain('6s starting new worker 103');
  });

  it('has its deploy made up for with a check although the replacement has to wait', async () => {
    const { transcript } = await simulate({ policy, checks, happenings: [hup(5000), dies(5200, 1)] });
    expect(told(transcript).slice(5)).toEqual([
      '6s starting new worker 103',
      '7s received HUP, spawning a new worker',
      '7s check 4',
      '7.05s starting new worker 104',
    ]);
  });

  it('has its deploy made up for with a check although the replacement fails', async () => {
    const { transcript } = await simulate({
      policy,
      checks,
      workers: [lives, cannotSpawn('EAGAIN'), lives],
      happenings: [hup(5000), dies(9000, 1)],
    });
    expect(transcript.filter((line) => /check \d|starting/.test(line)).slice(3)).toEqual([
      '10s starting new worker 104',
      '11s check 5',
      '11.05s starting new worker 105',
    ]);
  });

  it('lets the client of the deploy wait until the check has spoken', async () => {
    const { told: log } = await simulate({
      policy,
      checks: [passes(), passes(60_000), refuses('bad config')],
      happenings: [request(5000, 7), dies(9000, 1)],
    });
    const answers = log.filter(({ event }) => event === 'deployed' || event === 'check-refused');
    expect(answers).toMatchObject([{ event: 'check-refused', atMs: 10_000, keeps: 3 }]);
  });

  it('is not resurrected by the check that was cancelled, nor is anything refused', async () => {
    const { transcript } = await simulate({
      policy: { ...policy, readyTimeoutMs: 5000 },
      checks: [passes(), { endsAfterMs: 1500, refusal: 'late', evenCancelled: true }],
      workers: [readyAfter(0), readyAfter(2000)],
      happenings: [hup(5000), dies(6200, 1)],
      untilMs: 60_000,
    });
    expect(transcript.filter((line) => line.includes('refused'))).toEqual([]);
    expect(transcript).toContain('8.2s status file 3:103');
  });
});
