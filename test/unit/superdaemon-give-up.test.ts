import { describe, expect, it } from 'vitest';
import {
  cannotSpawn,
  dies,
  diesAfter,
  goesAfter,
  hup,
  ignoresSignals,
  lives,
  readyAfter,
} from './scenario.ts';
import { simulate } from './simulated-host.ts';

const policy = { maxStartAttempts: 3 };

describe('a deploy that fails as often as it may', () => {
  const workers = [lives, diesAfter(100, 512), cannotSpawn('EAGAIN'), diesAfter(200, 9)];

  it('is given up: the old generation serves on, untouched', async () => {
    const { transcript, told, outcome } = await simulate({ policy, workers, happenings: [hup(5000)] });
    expect(transcript.slice(3)).toEqual([
      '5s starting new worker 102',
      '5.1s new worker 102 seems to have failed to start, exit status:512',
      '5.1s status file 1:101',
      '6s failed to start a new worker: EAGAIN',
      '7s starting new worker 104',
      '7.2s new worker 104 seems to have failed to start, exit status:9',
      '7.2s giving up after 3 attempts, generation 1 keeps serving',
      '7.2s status file 1:101',
    ]);
    expect(told.find(({ event }) => event === 'given-up')).toMatchObject({
      deploy: 1,
      attempts: 3,
      keeps: 1,
      reason: 'worker 104 was ended by SIGKILL',
    });
    expect(outcome).toBeUndefined();
  });

  it('is tried anew, with all its attempts, by the next HUP', async () => {
    const again = [...workers, diesAfter(100), diesAfter(100), lives];
    const { transcript } = await simulate({ policy, workers: again, happenings: [hup(5000), hup(60_000)] });
    expect(transcript.filter((line) => /HUP|starting|giving|running/.test(line)).slice(4)).toEqual([
      '7.2s giving up after 3 attempts, generation 1 keeps serving',
      '60s received HUP, spawning a new worker',
      '60s starting new worker 105',
      '61s starting new worker 106',
      '62s starting new worker 107',
      '63s new worker is now running, sending TERM to old workers:101',
    ]);
  });

  it('counts late workers as failures', async () => {
    const { transcript } = await simulate({
      policy: { maxStartAttempts: 2, readyTimeoutMs: 3000 },
      workers: [readyAfter(0), lives, lives],
      happenings: [hup(5000)],
    });
    expect(transcript).toContain('11s giving up after 2 attempts, generation 1 keeps serving');
    expect(transcript.at(-1)).toBe('11s status file 1:101');
  });

  it('gives each of its attempts a number of its own', async () => {
    const { told } = await simulate({ policy, workers, happenings: [hup(5000), hup(60_000)] });
    expect(told.findLast(({ event }) => event === 'worker-started')).toMatchObject({ generation: 5 });
  });

  it('leaves a crash of the old generation to be made up for as ever', async () => {
    const { transcript } = await simulate({ policy, workers, happenings: [hup(5000), dies(60_000, 1)] });
    expect(transcript.slice(11)).toEqual([
      '60s worker 101 died unexpectedly with status:9, restarting',
      '60s starting new worker 105',
      '60s status file',
      '61s status file 5:105',
    ]);
  });

  it('is served once more instead when HUP comes during the last attempt', async () => {
    const { transcript } = await simulate({
      policy,
      workers: [...workers, diesAfter(100), diesAfter(100), diesAfter(100)],
      happenings: [hup(5000), hup(7100)],
    });
    expect(transcript.filter((line) => /HUP|starting|giving/.test(line)).slice(3)).toEqual([
      '7s starting new worker 104',
      '7.2s received HUP, spawning a new worker',
      '8s starting new worker 105',
      '9s starting new worker 106',
      '10s starting new worker 107',
      '10.1s giving up after 3 attempts, generation 1 keeps serving',
    ]);
  });

  it('is not given up while nobody serves', async () => {
    const failing = Array.from({ length: 8 }, () => diesAfter(100));
    const { transcript } = await simulate({
      policy,
      workers: [lives, ...failing, lives],
      happenings: [hup(5000), dies(6500, 1)],
    });
    expect(transcript.filter((line) => line.includes('giving up'))).toEqual([]);
    expect(transcript).toContain('14s status file 10:110');
  });

  it('counts from the last healthy start, not from the beginning', async () => {
    const one = [diesAfter(100), diesAfter(100), lives];
    const { transcript } = await simulate({
      policy,
      workers: [...one, ...one],
      happenings: [hup(5000)],
    });
    expect(transcript).toContain('8s status file 3:103 6:106');
  });
});

describe('the very first start', () => {
  it('ends the superdaemon when it fails as often as it may, and says why', async () => {
    const workers = [diesAfter(100), diesAfter(100), diesAfter(100, 512)];
    const { transcript, outcome } = await simulate({ policy, workers });
    expect(outcome).toEqual({
      kind: 'never-started',
      reason: 'giving up after 3 attempts: worker 103 ended with exit status 2',
    });
    expect(transcript.at(-1)).toBe('2.1s status file');
  });

  it('ends only when a late worker has really gone', async () => {
    const { transcript, outcome } = await simulate({
      policy: { maxStartAttempts: 1, readyTimeoutMs: 3000 },
      workers: [goesAfter(7000)],
    });
    expect(outcome).toEqual({
      kind: 'never-started',
      reason: 'giving up after 1 attempt: worker 101 was not ready within 3 secs',
    });
    expect(transcript.slice(1)).toEqual([
      '3s new worker 101 is not ready after 3 secs, sending TERM to it',
      '3s SIGTERM → 101',
      '10s new worker 101 seems to have failed to start, exit status:0',
      '10s status file',
    ]);
  });

  it('ends once a late worker that ignores its signal has been killed, without another attempt', async () => {
    const { transcript, outcome } = await simulate({
      policy: { maxStartAttempts: 2, readyTimeoutMs: 3000 },
      workers: [ignoresSignals, ignoresSignals],
      happenings: [hup(7000)],
    });
    expect(transcript.filter((line) => /starting|HUP|→/.test(line))).toEqual([
      '0s starting new worker 101',
      '3s SIGTERM → 101',
      '3s starting new worker 102',
      '6s SIGTERM → 102',
      '13s SIGKILL → 101',
      '16s SIGKILL → 102',
    ]);
    expect(outcome?.kind).toBe('never-started');
  });

  it('is served once more when HUP comes during its last attempt', async () => {
    const { outcome, transcript } = await simulate({
      policy: { maxStartAttempts: 1 },
      workers: [diesAfter(500)],
      happenings: [hup(200)],
    });
    expect(outcome).toBeUndefined();
    expect(transcript).toContain('2s status file 2:102');
  });
});
