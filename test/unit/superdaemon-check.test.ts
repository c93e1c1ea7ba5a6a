import { describe, expect, it } from 'vitest';
import { cannotCheck, diesAfter, hup, lives, passes, refuses, term } from './scenario.ts';
import { simulate } from './simulated-host.ts';

const policy = { hasCheck: true };
const told = (transcript: readonly string[]) =>
  transcript.filter((line) => /check|starting|HUP|refused/.test(line));

describe('the check', () => {
  it('is run before each worker is spawned, which waits for it', async () => {
    const { transcript } = await simulate({
      policy,
      checks: [passes(300), passes(700)],
      happenings: [hup(5000)],
    });
    expect(transcript.slice(0, 8)).toEqual([
      '0s check 1',
      '0.3s starting new worker 101',
      '1.3s status file 1:101',
      '5s received HUP, spawning a new worker',
      '5s check 2',
      '5.7s starting new worker 102',
      '6.7s status file 1:101 2:102',
      '6.7s new worker is now running, sending TERM to old workers:101',
    ]);
  });

  it('is run again for each attempt of a deploy', async () => {
    const { transcript } = await simulate({
      policy,
      workers: [lives, diesAfter(100)],
      happenings: [hup(5000)],
    });
    expect(told(transcript).slice(2)).toEqual([
      '5s received HUP, spawning a new worker',
      '5s check 2',
      '5s starting new worker 102',
      '6s check 3',
      '6s starting new worker 103',
    ]);
  });

  it('refuses a deploy: nothing is spawned, the old generation serves on, the number is used up', async () => {
    const { transcript, told: log } = await simulate({
      policy,
      checks: [passes(), refuses('line 3: no such key', 400)],
      happenings: [hup(5000), hup(60_000)],
    });
    expect(transcript.slice(3, 8)).toEqual([
      '5s received HUP, spawning a new worker',
      '5s check 2',
      '5.4s line 3: no such key: deploy refused, generation 1 keeps serving',
      '60s received HUP, spawning a new worker',
      '60s check 3',
    ]);
    expect(log.find(({ event }) => event === 'check-refused')).toMatchObject({
      deploy: 1,
      generation: 2,
      reason: 'line 3: no such key',
      keeps: 1,
    });
  });

  it('refuses when it cannot be run, and the next HUP tries anew', async () => {
    const { transcript } = await simulate({
      policy,
      checks: [passes(), cannotCheck('no such file')],
      happenings: [hup(5000), hup(60_000)],
    });
    expect(transcript).toContain('5s no such file: deploy refused, generation 1 keeps serving');
    expect(transcript).toContain('61s status file 1:101 3:103');
  });

  it.each([
    ['refuses', refuses('bad config', 200)],
    ['cannot be run', cannotCheck('bad config')],
  ])('ends the superdaemon when it %s at the first start', async (_what, script) => {
    const { transcript, outcome } = await simulate({ policy, checks: [script] });
    expect(outcome).toEqual({ kind: 'never-started', reason: 'bad config' });
    expect(transcript).toEqual(['0s check 1']);
  });

  it('does not count for an attempt that it is late for', async () => {
    const { transcript } = await simulate({
      policy,
      checks: [passes(), passes(), passes(500)],
      happenings: [
        hup(5000),
        hup(8000),
        { atMs: 8100, checked: 2, refusal: undefined },
        { atMs: 8200, checked: 2, refusal: 'old news' },
      ],
    });
    expect(told(transcript).slice(5)).toEqual([
      '8s received HUP, spawning a new worker',
      '8s check 3',
      '8.5s starting new worker 103',
    ]);
  });

  it('is followed by one more deploy however often HUP comes meanwhile', async () => {
    const { transcript } = await simulate({
      policy,
      checks: [passes(), passes(500)],
      happenings: [hup(5000), hup(5100), hup(5200)],
    });
    expect(told(transcript).slice(2)).toEqual([
      '5s received HUP, spawning a new worker',
      '5s check 2',
      '5.5s starting new worker 102',
      '6.5s received HUP, spawning a new worker',
      '6.5s check 3',
      '6.5s starting new worker 103',
    ]);
  });

  it('is followed by one more deploy although it refuses', async () => {
    const { transcript } = await simulate({
      policy,
      checks: [passes(), refuses('bad config', 500)],
      happenings: [hup(5000), hup(5100)],
    });
    expect(told(transcript).slice(4)).toEqual([
      '5.5s bad config: deploy refused, generation 1 keeps serving',
      '5.5s received HUP, spawning a new worker',
      '6s check 3',
      '6s starting new worker 103',
    ]);
  });

  it('is cancelled by TERM, and nothing is spawned any more', async () => {
    const { transcript, outcome } = await simulate({
      policy,
      checks: [passes(), { endsAfterMs: 500, evenCancelled: true }],
      workers: [{ goesAfterMs: 9000 }],
      happenings: [hup(5000), term(5200)],
    });
    expect(transcript.slice(4)).toEqual([
      '5s check 2',
      '5.2s check cancelled',
      '5.2s received TERM, sending TERM to all workers:101',
      '5.2s SIGTERM → 101',
      '14.2s worker 101 died, status:0',
      '14.2s exiting',
    ]);
    expect(outcome).toEqual({ kind: 'stopped' });
  });

  it('is cancelled by TERM at the first start, which ends at once', async () => {
    const { transcript, outcome } = await simulate({
      policy,
      checks: [passes(500)],
      happenings: [term(200)],
    });
    expect(transcript.at(-1)).toBe('0.2s exiting');
    expect(outcome).toEqual({ kind: 'stopped' });
  });
});
