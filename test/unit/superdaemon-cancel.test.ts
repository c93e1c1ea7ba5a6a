import { describe, expect, it } from 'vitest';
import { failing, inSlot, pool } from './pool.ts';
import {
  cancel,
  dies,
  diesAfter,
  hup,
  ignoresSignals,
  lives,
  passes,
  readyAfter,
  request,
  term,
} from './scenario.ts';
import { simulate, type Told } from './simulated-host.ts';

const saidOf = (told: readonly Told[]) =>
  told.flatMap((entry) => {
    const at = `${entry.atMs / 1000}s`;
    if (entry.event === 'given-up') {
      const { deploy, attempts, keeps, reason } = entry;
      return [`${at} deploy ${deploy} given up after ${attempts}, ${keeps} serves: ${reason}`];
    }
    if (entry.event === 'deployed') return [`${at} deployed ${entry.deploy}`];
    return entry.event === 'request-refused' ? [`${at} refused ${entry.request}: ${entry.reason}`] : [];
  });

describe('a client that calls the deploy off', () => {
  it('ends the worker being tried, and the old one serves on', async () => {
    const { transcript, told } = await simulate({
      policy: { readyTimeoutMs: 60_000 },
      workers: [readyAfter(0), lives],
      happenings: [hup(5000), cancel(8000, 9)],
    });
    expect(saidOf(told)).toEqual(['8s deploy 1 given up after 1, 1 serves: called off by a client']);
    expect(transcript.slice(-5, -1)).toEqual([
      '8s a client calls the deploy off',
      '8s SIGTERM → 102',
      '8s giving up after 1 attempt, generation 1 keeps serving',
      '8s new worker 102 seems to have failed to start, exit status:0',
    ]);
  });

  it('ends a release that fails again and again, and the next deploy is tried anew', async () => {
    const { told } = await simulate({
      workers: [lives, diesAfter(100), diesAfter(100), lives],
      happenings: [request(5000, 71), cancel(6500, 9), request(9000, 72)],
    });
    expect(saidOf(told)).toEqual([
      '6.5s deploy 1 given up after 2, 1 serves: called off by a client',
      '10s deployed 2',
    ]);
  });

  it('is told of the attempts in the slot that has failed most often', async () => {
    const { told } = await pool({
      workers: inSlot(2, 3, failing(2)),
      happenings: [hup(10_000), cancel(12_500, 9)],
    });
    expect(saidOf(told)).toEqual(['12.5s deploy 1 given up after 2, 1 serves: called off by a client']);
  });

  it('kills a worker that does not go', async () => {
    const { transcript } = await simulate({
      policy: { readyTimeoutMs: 60_000 },
      workers: [readyAfter(0), ignoresSignals],
      happenings: [hup(5000), cancel(8000, 9)],
    });
    expect(transcript.slice(-4)[0]).toBe('18s worker 102 has not gone in time, sending KILL to it');
  });

  it('calls off the check that is running', async () => {
    const { transcript, told } = await simulate({
      policy: { hasCheck: true },
      checks: [passes(), passes(5000)],
      happenings: [hup(5000), cancel(6000, 9)],
    });
    expect(transcript).toContain('6s check cancelled');
    expect(saidOf(told)).toEqual(['6s deploy 1 given up after 1, 1 serves: called off by a client']);
  });

  it('calls off those, too, that were asked for meanwhile', async () => {
    const { told } = await simulate({
      policy: { readyTimeoutMs: 60_000 },
      workers: [readyAfter(0), lives],
      happenings: [request(5000, 71), request(5100, 72), cancel(6000, 9)],
    });
    expect(saidOf(told)).toEqual(['6s deploy 2 given up after 1, 1 serves: called off by a client']);
    expect(told.filter(({ event }) => event === 'hup')).toHaveLength(1);
  });

  it('is told when there is nothing to be called off, and nothing changes', async () => {
    const { transcript, told } = await simulate({
      happenings: [cancel(5000, 9), hup(6000), cancel(8000, 10)],
    });
    expect(saidOf(told)).toEqual([
      '5s refused 9: no deploy is under way',
      '7s deployed 1',
      '8s refused 10: no deploy is under way',
    ]);
    expect(transcript).not.toContain(expect.stringMatching(/giving up/));
  });

  it('is refused when nobody serves who could go on', async () => {
    const { told } = await simulate({
      policy: { readyTimeoutMs: 60_000 },
      workers: [readyAfter(0), readyAfter(5000)],
      happenings: [hup(5000), dies(6000, 1), cancel(7000, 9)],
    });
    expect(saidOf(told)).toEqual(['7s refused 9: nobody serves who could go on', '10s deployed 1']);
  });

  it('is refused after TERM', async () => {
    const { told } = await simulate({
      workers: [{ goesAfterMs: 500 }],
      happenings: [hup(5000), term(5100), cancel(5200, 9)],
    });
    expect(saidOf(told)).toEqual(['5.2s refused 9: the superdaemon is stopping']);
  });
});
