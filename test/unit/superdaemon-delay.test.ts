import { describe, expect, it } from 'vitest';
import { dies, diesAfter, goesAfter, hup, ignoresSignals, lives, signalAt, term } from './scenario.ts';
import { simulate } from './simulated-host.ts';

const policy = { killOldDelayMs: 5000 };

describe('the kill-old delay', () => {
  it('lets both generations serve until it has passed', async () => {
    const { transcript } = await simulate({ policy, happenings: [hup(10_000)] });
    expect(transcript.slice(4)).toEqual([
      '11s status file 1:101 2:102',
      '11s new worker is now running, sending TERM to old workers:101',
      '11s sleeping 5 secs before killing old workers',
      '16s killing old workers',
      '16s SIGTERM → 101',
      '16s old worker 101 died, status:0',
      '16s status file 2:102',
    ]);
  });

  it('is reported even when there is no old worker, as the reference does', async () => {
    const { transcript } = await simulate({ policy, happenings: [dies(10_000, 1), hup(10_000)] });
    expect(transcript.slice(-3)).toEqual([
      '11s new worker is now running, sending TERM to old workers:none',
      '11s sleeping 5 secs before killing old workers',
      '16s killing old workers',
    ]);
  });

  it('is what the policy says when the deploy begins', async () => {
    const { transcript } = await simulate({
      policy: (nowMs) => ({ killOldDelayMs: nowMs < 10_000 ? 0 : 2000 }),
      happenings: [hup(10_000)],
    });
    expect(transcript).toContain('13s SIGTERM → 101');
  });

  it('reports the death of an old worker at once, and does not signal its pid any more', async () => {
    const { transcript } = await simulate({ policy, happenings: [hup(10_000), dies(12_000, 1, 11)] });
    expect(transcript.slice(7)).toEqual([
      '12s old worker 101 died, status:11',
      '12s status file 2:102',
      '16s killing old workers',
    ]);
  });

  it('serves HUP meanwhile, and each old worker keeps its own deadline', async () => {
    const { transcript } = await simulate({ policy, happenings: [hup(10_000), hup(12_000)] });
    expect(transcript.slice(7)).toEqual([
      '12s received HUP, spawning a new worker',
      '12s starting new worker 103',
      '13s status file 1:101 2:102 3:103',
      '13s new worker is now running, sending TERM to old workers:101,102',
      '13s sleeping 5 secs before killing old workers',
      '16s killing old workers',
      '16s SIGTERM → 101',
      '16s old worker 101 died, status:0',
      '16s status file 2:102 3:103',
      '18s killing old workers',
      '18s SIGTERM → 102',
      '18s old worker 102 died, status:0',
      '18s status file 3:103',
    ]);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGQUIT'] as const)('serves %s meanwhile', async (signal) => {
    const { transcript, outcome } = await simulate({
      policy,
      happenings: [hup(10_000), signalAt(12_000, signal)],
    });
    expect(transcript.slice(8)).toEqual([
      '12s SIGTERM → 101',
      '12s SIGTERM → 102',
      '12s worker 101 died, status:0',
      '12s status file 2:102',
      '12s worker 102 died, status:0',
      '12s exiting',
    ]);
    expect(outcome).toEqual({ kind: 'stopped' });
  });

  it('does not signal the old worker while the new one that died has no successor', async () => {
    const workers = [lives, diesAfter(3000, 256), diesAfter(500, 9), lives];
    const { transcript } = await simulate({ policy, workers, happenings: [hup(10_000)] });
    expect(transcript.slice(7)).toEqual([
      '13s worker 102 died unexpectedly with status:256, restarting',
      '13s starting new worker 103',
      '13s status file 1:101',
      '13.5s new worker 103 seems to have failed to start, exit status:9',
      '13.5s status file 1:101',
      '14s starting new worker 104',
      '15s status file 1:101 4:104',
      '15s new worker is now running, sending TERM to old workers:101',
      '15s sleeping 5 secs before killing old workers',
      '20s killing old workers',
      '20s SIGTERM → 101',
      '20s old worker 101 died, status:0',
      '20s status file 4:104',
    ]);
  });

  it('does not signal the old worker when the new one dies in the moment in which the delay ends', async () => {
    const { transcript } = await simulate({
      policy,
      workers: [lives, diesAfter(6000)],
      happenings: [hup(10_000)],
    });
    expect(transcript[7]).toBe('16s worker 102 died unexpectedly with status:256, restarting');
    expect(transcript).not.toContain('16s SIGTERM → 101');
  });

  it('keeps the old worker when the new one dies while a third is being tried', async () => {
    const happenings = [hup(10_000), hup(15_500), dies(15_900, 2)];
    const { transcript } = await simulate({ policy, happenings });
    expect(transcript.filter((line) => line.includes('→'))).toEqual(['21.5s SIGTERM → 101']);
  });

  it('passes over a worker that was signalled by an earlier deploy', async () => {
    const { transcript } = await simulate({
      policy,
      workers: [ignoresSignals],
      happenings: [hup(10_000), hup(30_000)],
    });
    expect(transcript).toContain('31s new worker is now running, sending TERM to old workers:102');
    expect(transcript.filter((line) => line.includes('→'))).toEqual([
      '16s SIGTERM → 101',
      '36s SIGTERM → 102',
    ]);
  });

  it('replaces a current worker at once although an old one is still finishing', async () => {
    const { transcript } = await simulate({
      workers: [goesAfter(60_000)],
      happenings: [hup(5000), dies(9000, 2)],
    });
    expect(transcript).toContain('9s starting new worker 103');
  });

  it('is cut short by nothing but TERM, INT and QUIT', async () => {
    const happenings = [hup(10_000), signalAt(11_500, 'SIGUSR1'), signalAt(11_600, 'SIGWINCH'), term(13_000)];
    const { transcript } = await simulate({ policy, happenings });
    expect(transcript[7]).toBe('13s received TERM, sending TERM to all workers:101,102');
  });
});
