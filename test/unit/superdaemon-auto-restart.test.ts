import { describe, expect, it } from 'vitest';
import { dies, diesAfter, diesByPid, goesAfter, hup, lives, signalAt, term } from './scenario.ts';
import { simulate } from './simulated-host.ts';

const policy = { autoRestartIntervalMs: 360_000, killOldDelayMs: 5000 };

describe('auto restart', () => {
  it('deploys when its interval has passed since the last start', async () => {
    const { transcript } = await simulate({ policy, untilMs: 370_000 });
    expect(transcript.slice(2)).toEqual([
      '360s autorestart triggered (interval=360)',
      '360s starting new worker 102',
      '361s status file 1:101 2:102',
      '361s new worker is now running, sending TERM to old workers:101',
      '361s sleeping 5 secs before killing old workers',
      '366s killing old workers',
      '366s SIGTERM → 101',
      '366s old worker 101 died, status:0',
      '366s status file 2:102',
    ]);
  });

  it('counts from the last start, of whatever cause', async () => {
    const { transcript } = await simulate({
      policy,
      happenings: [hup(100_000), dies(200_000, 2)],
      untilMs: 600_000,
    });
    expect(triggers(transcript)).toEqual(['560s autorestart triggered (interval=360)']);
  });

  it('waits for an old worker, but no longer than twice the interval', async () => {
    const { transcript } = await simulate({
      policy,
      workers: [goesAfter(3_600_000)],
      happenings: [hup(10_000)],
      untilMs: 800_000,
    });
    expect(triggers(transcript)).toEqual(['730s autorestart triggered (forced, interval=360)']);
  });

  it('comes as soon as the old worker that it waits for has gone', async () => {
    const { transcript } = await simulate({
      policy,
      workers: [goesAfter(400_000)],
      happenings: [hup(10_000)],
      untilMs: 500_000,
    });
    expect(triggers(transcript)).toEqual(['416s autorestart triggered (interval=360)']);
  });

  it('leaves a start that is under way or wanted already alone', async () => {
    const { transcript } = await simulate({
      policy: { autoRestartIntervalMs: 2000, intervalMs: 10_000 },
      workers: [lives, diesAfter(500), lives],
      untilMs: 29_000,
    });
    expect(triggers(transcript)).toEqual(['10s autorestart triggered (interval=2)']);
  });

  it('leaves a pause between two attempts alone, however long', async () => {
    const { transcript } = await simulate({
      policy: { autoRestartIntervalMs: 5000, backoffMs: 60_000 },
      workers: [lives, ...Array.from({ length: 5 }, () => diesAfter(100))],
      happenings: [dies(2000, 1)],
      untilMs: 15_000,
    });
    expect(transcript).toContain('9.125s starting new worker 105');
    expect(triggers(transcript)).toEqual([]);
  });

  it('counts from the last start in any slot of a pool', async () => {
    const { transcript } = await simulate({
      policy: { ...policy, workers: 2, startAtOnce: 2 },
      happenings: [diesByPid(100_000, 102)],
      untilMs: 470_000,
    });
    expect(triggers(transcript)).toEqual(['460s autorestart triggered (interval=360)']);
  });

  it('does not come in the moment in which the current worker is found dead', async () => {
    const happenings = [signalAt(360_000, 'SIGUSR1'), dies(360_000, 1)];
    const { transcript } = await simulate({ policy, happenings, untilMs: 370_000 });
    expect(transcript[2]).toBe('360s worker 101 died unexpectedly with status:9, restarting');
    expect(triggers(transcript)).toEqual([]);
  });

  it('does not come when TERM has', async () => {
    const { transcript } = await simulate({
      policy,
      workers: [goesAfter(3_600_000)],
      happenings: [term(359_999)],
    });
    expect(triggers(transcript)).toEqual([]);
  });

  it('is switched on and off by the policy of the last attempt', async () => {
    const { transcript } = await simulate({
      policy: (nowMs) => ({
        autoRestartIntervalMs: nowMs < 30_000 ? undefined : nowMs < 100_000 ? 60_000 : undefined,
      }),
      happenings: [hup(30_000)],
    });
    expect(triggers(transcript)).toEqual([
      '90s autorestart triggered (interval=60)',
      '150s autorestart triggered (interval=60)',
    ]);
  });
});

function triggers(transcript: readonly string[]): string[] {
  return transcript.filter((line) => line.includes('autorestart'));
}
