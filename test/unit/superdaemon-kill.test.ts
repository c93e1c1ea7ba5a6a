import { describe, expect, it } from 'vitest';
import { dies, goesAfter, hup, ignoresSignals, lives, signalAt, term } from './scenario.ts';
import { simulate } from './simulated-host.ts';

const kills = (transcript: readonly string[]) => transcript.filter((line) => line.includes('SIGKILL'));

describe('the kill-old timeout', () => {
  const policy = { killOldTimeoutMs: 20_000 };

  it('kills an old worker that has not gone by then, once', async () => {
    const { transcript } = await simulate({ policy, workers: [ignoresSignals], happenings: [hup(5000)] });
    expect(transcript.slice(7)).toEqual([
      '6s SIGTERM → 101',
      '26s worker 101 has not gone in time, sending KILL to it',
      '26s SIGKILL → 101',
      '26s old worker 101 died, status:9',
      '26s status file 2:102',
    ]);
  });

  it('comes again when it could not be sent, until its worker has gone', async () => {
    const { transcript } = await simulate({
      policy,
      workers: [ignoresSignals],
      happenings: [hup(5000)],
      throws: (call, nth) => call === 'signal' && nth >= 2 && nth <= 9,
    });
    expect(kills(transcript)).toEqual(
      [26, 27, 29, 33, 41, 57, 89, 149, 209].map((second) => `${second}s SIGKILL → 101`),
    );
    expect(transcript.at(-2)).toBe('209s old worker 101 died, status:9');
  });

  it('comes again, unsaid, to one that lives on for a while', async () => {
    const { transcript } = await simulate({
      policy,
      workers: [{ ...ignoresSignals, diesLateMs: 4000 }],
      happenings: [hup(5000)],
    });
    expect(transcript.slice(8)).toEqual([
      '26s worker 101 has not gone in time, sending KILL to it',
      ...['26s', '27s', '29s'].map((at) => `${at} SIGKILL → 101`),
      '30s old worker 101 died, status:9',
      '30s status file 2:102',
    ]);
  });

  it('counts from the signal, which comes after the kill-old delay', async () => {
    const { transcript } = await simulate({
      policy: { ...policy, killOldDelayMs: 3000 },
      workers: [ignoresSignals],
      happenings: [hup(5000)],
    });
    expect(kills(transcript)).toEqual(['29s SIGKILL → 101']);
  });

  it.each([19_000, 20_000])('leaves one in peace that goes within %i ms', async (ms) => {
    const { transcript } = await simulate({ policy, workers: [goesAfter(ms)], happenings: [hup(5000)] });
    expect(kills(transcript)).toEqual([]);
  });

  it('finds out first, after standing still, that one has gone in time', async () => {
    const { transcript } = await simulate({
      policy,
      workers: [goesAfter(10_000)],
      happenings: [hup(5000), { atMs: 7000, standsStillMs: 60_000 }],
    });
    expect(kills(transcript)).toEqual([]);
  });

  it('kills each of several old workers at its own time', async () => {
    const { transcript } = await simulate({
      policy,
      workers: [ignoresSignals, ignoresSignals],
      happenings: [hup(5000), hup(10_000)],
    });
    expect(kills(transcript)).toEqual(['26s SIGKILL → 101', '31s SIGKILL → 102']);
  });

  it('never comes by default', async () => {
    const { transcript } = await simulate({ workers: [ignoresSignals], happenings: [hup(5000), term(9000)] });
    expect(kills(transcript)).toEqual([]);
  });

  it('does not concern workers that were not told to go', async () => {
    const { transcript } = await simulate({ policy, workers: [lives], happenings: [dies(5000, 1)] });
    expect(kills(transcript)).toEqual([]);
  });

  it('does not concern those that were told to stop', async () => {
    const { transcript } = await simulate({ policy, workers: [ignoresSignals], happenings: [term(5000)] });
    expect(kills(transcript)).toEqual([]);
  });
});

describe('a signal that could not be sent', () => {
  const first = (call: string, nth: number) => call === 'signal' && nth === 1;

  it('is sent again to an old worker, as a deploy does not wait for it', async () => {
    const { transcript } = await simulate({ happenings: [hup(5000)], throws: first });
    expect(transcript.filter((line) => / → |died/.test(line))).toEqual([
      '6s SIGTERM → 101',
      '7s SIGTERM → 101',
      '7s old worker 101 died, status:0',
    ]);
  });

  it('is sent again at a stop, which would not end', async () => {
    const { transcript, outcome } = await simulate({ happenings: [term(5000)], throws: first });
    expect(transcript.filter((line) => line.includes(' → '))).toEqual([
      '5s SIGTERM → 101',
      '6s SIGTERM → 101',
    ]);
    expect(outcome).toEqual({ kind: 'stopped' });
  });

  it('is sent no more once its worker has been told by KILL', async () => {
    const { transcript } = await simulate({
      policy: { killOldTimeoutMs: 500 },
      workers: [ignoresSignals],
      happenings: [hup(5000)],
      throws: first,
    });
    expect(transcript.filter((line) => line.includes(' → '))).toEqual([
      '6s SIGTERM → 101',
      '6.5s SIGKILL → 101',
    ]);
  });

  it('goes over to the next program, which sends it', async () => {
    const { transcript } = await simulate({
      happenings: [hup(5000), signalAt(6500, 'SIGUSR2')],
      throws: first,
    });
    expect(transcript.filter((line) => / → |gives way/.test(line))).toEqual([
      '6s SIGTERM → 101',
      '6.5s gives way',
      '7s SIGTERM → 101',
    ]);
  });
});

describe('the stop timeout', () => {
  const policy = { stopTimeoutMs: 8000 };

  it('kills, once, only those that have not gone by then', async () => {
    const { transcript, outcome } = await simulate({
      policy: { ...policy, killOldDelayMs: 3_600_000 },
      workers: [goesAfter(7000), ignoresSignals],
      happenings: [hup(5000), term(10_000)],
    });
    expect(transcript.filter((line) => /→|died|exiting/.test(line))).toEqual([
      '10s SIGTERM → 101',
      '10s SIGTERM → 102',
      '17s worker 101 died, status:0',
      '18s SIGKILL → 102',
      '18s worker 102 died, status:9',
      '18s exiting',
    ]);
    expect(outcome).toEqual({ kind: 'stopped' });
  });

  it('does not concern old workers before we are told to stop', async () => {
    const { transcript } = await simulate({ policy, workers: [ignoresSignals], happenings: [hup(5000)] });
    expect(kills(transcript)).toEqual([]);
  });

  it('kills the worker that is being tried, too', async () => {
    const { transcript } = await simulate({ policy, workers: [ignoresSignals], happenings: [term(500)] });
    expect(kills(transcript)).toEqual(['8.5s SIGKILL → 101']);
  });

  it.each([
    ['gives an old worker no more time than it had', 9000, '14s SIGKILL → 101'],
    ['gives an old worker no more time than the rest', 50_000, '18s SIGKILL → 101'],
  ])('%s', async (_what, killOldTimeoutMs, kill) => {
    const { transcript } = await simulate({
      policy: { ...policy, killOldTimeoutMs },
      workers: [ignoresSignals],
      happenings: [hup(4000), term(10_000)],
    });
    expect(kills(transcript)).toEqual([kill]);
  });

  it('says nothing more of one that was killed before, and sends KILL in its own time', async () => {
    const { transcript } = await simulate({
      policy: { killOldTimeoutMs: 3000, stopTimeoutMs: 900 },
      workers: [{ ...ignoresSignals, diesLateMs: 2500 }],
      happenings: [hup(5000), term(9500)],
    });
    expect(transcript.filter((line) => line.includes('KILL'))).toEqual([
      '9s worker 101 has not gone in time, sending KILL to it',
      '9s SIGKILL → 101',
      '10s SIGKILL → 101',
    ]);
  });

  it('leaves an old worker its kill-old timeout where there is no stop timeout', async () => {
    const { transcript } = await simulate({
      policy: { killOldTimeoutMs: 9000 },
      workers: [ignoresSignals, goesAfter(60_000)],
      happenings: [hup(4000), term(10_000)],
    });
    expect(kills(transcript)).toEqual(['14s SIGKILL → 101']);
  });
});
