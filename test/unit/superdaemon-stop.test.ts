import { describe, expect, it } from 'vitest';
import { diesAfter, goesAfter, hup, ignoresSignals, signalAt, term } from './scenario.ts';
import { simulate } from './simulated-host.ts';

describe('TERM', () => {
  it('signals every live worker, waits for each, and ends', async () => {
    const { transcript, outcome } = await simulate({
      policy: { signalOnTerm: 'SIGQUIT' },
      workers: [goesAfter(60_000), goesAfter(700)],
      happenings: [hup(5000), term(10_000)],
    });
    expect(transcript.slice(8)).toEqual([
      '10s received TERM, sending QUIT to all workers:101,102',
      '10s SIGQUIT → 101',
      '10s SIGQUIT → 102',
      '10.7s worker 102 died, status:0',
      '10.7s status file 1:101',
      '66s worker 101 died, status:0',
      '66s exiting',
    ]);
    expect(outcome).toEqual({ kind: 'stopped' });
  });

  it('acts at once while the first worker is being tried, which never counts as started', async () => {
    const { transcript } = await simulate({ workers: [goesAfter(5000)], happenings: [term(400)] });
    expect(transcript).toEqual([
      '0s starting new worker 101',
      '0.4s received TERM, sending TERM to all workers:101',
      '0.4s SIGTERM → 101',
      '5.4s worker 101 died, status:0',
      '5.4s exiting',
    ]);
  });

  it('stops the old worker and the one being tried', async () => {
    const { transcript } = await simulate({ happenings: [hup(5000), hup(5100), term(5200)] });
    expect(transcript.slice(4)).toEqual([
      '5.2s received TERM, sending TERM to all workers:101,102',
      '5.2s SIGTERM → 101',
      '5.2s SIGTERM → 102',
      '5.2s worker 101 died, status:0',
      '5.2s status file',
      '5.2s worker 102 died, status:0',
      '5.2s exiting',
    ]);
  });

  it('ends at once while the next attempt is waited for', async () => {
    const { transcript, outcome } = await simulate({ workers: [diesAfter(100)], happenings: [term(500)] });
    expect(transcript.slice(3)).toEqual(['0.5s received TERM, sending TERM to all workers:', '0.5s exiting']);
    expect(outcome).toEqual({ kind: 'stopped' });
  });

  it('starts no worker any more, whatever dies or is asked for', async () => {
    const happenings = [term(5000), hup(5001), hup(5002)];
    const { transcript } = await simulate({ workers: [goesAfter(9000)], happenings });
    expect(transcript.slice(2)).toEqual([
      '5s received TERM, sending TERM to all workers:101',
      '5s SIGTERM → 101',
      '14s worker 101 died, status:0',
      '14s exiting',
    ]);
  });

  it('is ignored the second time, as INT and QUIT then are', async () => {
    const happenings = [term(5000), term(5001), signalAt(5002, 'SIGINT'), signalAt(5003, 'SIGQUIT')];
    const { transcript, outcome } = await simulate({ workers: [ignoresSignals], happenings });
    expect(transcript.filter((line) => line.includes('→'))).toEqual(['5s SIGTERM → 101']);
    expect(outcome).toBeUndefined();
  });

  it('counts even when it comes together with HUP', async () => {
    const { transcript, outcome } = await simulate({ happenings: [hup(5000), term(5000)] });
    expect(transcript.slice(2, 5)).toEqual([
      '5s received HUP, spawning a new worker',
      '5s starting new worker 102',
      '5s received TERM, sending TERM to all workers:101,102',
    ]);
    expect(outcome).toEqual({ kind: 'stopped' });
  });

  it('counts when the superdaemon stood still while it came', async () => {
    const happenings = [{ atMs: 4000, standsStillMs: 60_000 }, hup(5000), term(5001)];
    const { outcome } = await simulate({ happenings });
    expect(outcome).toEqual({ kind: 'stopped' });
  });
});

describe('INT and QUIT', () => {
  it.each([
    'SIGINT',
    'SIGQUIT',
  ] as const)('%s sends TERM, whatever the signal for TERM is', async (signal) => {
    const { transcript } = await simulate({
      policy: { signalOnTerm: 'SIGUSR2' },
      happenings: [signalAt(5000, signal)],
    });
    expect(transcript.slice(2, 4)).toEqual([
      `5s received ${signal.slice(3)}, sending TERM to all workers:101`,
      '5s SIGTERM → 101',
    ]);
  });
});

describe('any other signal', () => {
  it.each(['SIGUSR1', 'SIGALRM', 'SIGWINCH', 'SIGPIPE'] as const)('%s changes nothing', async (signal) => {
    const { transcript, outcome } = await simulate({
      happenings: [signalAt(500, signal), signalAt(5000, signal)],
    });
    expect(transcript).toEqual(['0s starting new worker 101', '1s status file 1:101']);
    expect(outcome).toBeUndefined();
  });
});
