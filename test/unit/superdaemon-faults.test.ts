// A fault of our own, or of what we are wired to, costs the action at hand and nothing else. Each call of the host's
// throws once here, at every place where it can.

import { describe, expect, it } from 'vitest';
import { type Call, dies, diesAfter, goesAfter, hup, lives, type Scenario, term } from './scenario.ts';
import { simulate } from './simulated-host.ts';

/** Deploys with a failing attempt, an old worker, a crash, HUPs that merge, and a stop. */
const LIFE: Scenario = {
  workers: [goesAfter(2000), lives, diesAfter(300), { fails: 'EAGAIN' }, lives, lives, lives, goesAfter(500)],
  policy: { killOldDelayMs: 500 },
  happenings: [
    hup(5000),
    dies(10_000, 2),
    hup(15_000),
    hup(15_100),
    dies(25_000, 7),
    term(40_000),
    dies(50_000, 8),
  ],
};

describe.each(['log', 'publish', 'signal', 'spawn', 'policy'] as const)('a failing call of %s', (call) => {
  it('leaves the service running and TERM working, whichever one it is', async () => {
    for (let nth = firstLater(call); nth <= (await callsInLife(call)); nth++) {
      const { transcript, outcome } = await simulate({
        ...LIFE,
        throws: (each, n) => each === call && n === nth,
      });
      const story = `${call} number ${nth}:\n${transcript.join('\n')}`;
      for (const second of [5, 15, 25, 40]) {
        expect(lastStatusBefore(transcript, second), story).toMatch(/ \d+:\d+$/);
      }
      expect(outcome, story).toEqual({ kind: 'stopped' });
    }
  });
});

describe.each(['publish', 'signal', 'spawn', 'policy'] as const)('a call of %s that failed', (call) => {
  it('is reported with its stack, once', async () => {
    const stacks: string[] = [];
    await simulate({
      ...LIFE,
      throws: (each, n) => each === call && n === 2,
      observer: { logged: (entry) => entry.event === 'internal-error' && stacks.push(entry.stack) },
    });
    expect(stacks).toEqual([expect.stringMatching(new RegExp(`^Error: ${call} fails\n +at `))]);
  });
});

describe('a log that never works', () => {
  it('costs the lines, not the service', async () => {
    const { transcript, outcome } = await simulate({ ...LIFE, throws: (call) => call === 'log' });
    expect(transcript.filter((line) => line.includes('→'))).not.toEqual([]);
    expect(outcome).toEqual({ kind: 'stopped' });
  });
});

describe('a status file that never works', () => {
  it('costs the file, not the deploys', async () => {
    const { transcript, outcome } = await simulate({ ...LIFE, throws: (call) => call === 'publish' });
    expect(transcript).toContain('6.5s SIGTERM → 101');
    expect(outcome).toEqual({ kind: 'stopped' });
  });
});

describe('a worker that may not be signalled', () => {
  it('does not keep the others from being told to stop', async () => {
    const { transcript } = await simulate({
      policy: { killOldDelayMs: 60_000 },
      happenings: [hup(5000), term(10_000)],
      throws: (call, nth) => call === 'signal' && nth === 1,
    });
    expect(transcript).toContain('10s SIGTERM → 102');
  });

  it('does not keep the other old ones from being told to go', async () => {
    const { transcript } = await simulate({
      policy: { killOldDelayMs: 3000 },
      happenings: [hup(5000), hup(6001), hup(7002)],
      throws: (call, nth) => call === 'signal' && nth === 1,
    });
    const told = transcript.filter((line) => line.includes('→')).map((line) => line.split(' ').at(-1));
    // The first one is told again.
    expect(told).toEqual(['101', '101', '102', '103']);
  });
});

describe('a spawn that throws', () => {
  it('is an attempt like any other: the next one comes no sooner than after the interval', async () => {
    const { transcript } = await simulate({
      happenings: [hup(5000)],
      throws: (call, nth) => call === 'spawn' && nth === 2,
    });
    expect(transcript.filter((line) => line.includes('start'))).toEqual([
      '0s starting new worker 101',
      expect.stringMatching(/^5s failed to start a new worker: .*spawn fails/),
      '6s starting new worker 103',
    ]);
  });

  it('is told from a program that cannot be started', async () => {
    const { told } = await simulate({
      workers: [{}, { fails: 'EAGAIN' }],
      happenings: [hup(5000), hup(10_000)],
      throws: (call, nth) => call === 'spawn' && nth === 3,
    });
    const failures = told.flatMap((entry) => (entry.event === 'spawn-failed' ? [entry] : []));
    expect(failures.map(({ fault }) => fault)).toEqual([undefined, 'superdaemon']);
    expect(failures[1]?.reason).toBe('a fault of the superdaemon, not of the program: Error: spawn fails');
  });

  it('is the end of everything when it is the first one, as any failure of the first spawn is', async () => {
    const { outcome } = await simulate({ throws: (call) => call === 'spawn' });
    expect(outcome).toEqual({ kind: 'never-started', reason: expect.stringContaining('spawn fails') });
  });
});

describe('a check that throws', () => {
  it('refuses the deploy, and the next HUP tries anew', async () => {
    const { transcript } = await simulate({
      policy: { hasCheck: true },
      happenings: [hup(5000), hup(60_000)],
      throws: (call, nth) => call === 'check' && nth === 2,
    });
    expect(transcript).toContain('5s Error: check fails: deploy refused, generation 1 keeps serving');
    expect(transcript).toContain('61s status file 1:101 3:103');
  });
});

describe('a check that cannot be cancelled', () => {
  const scenario: Scenario = {
    policy: { hasCheck: true },
    checks: [{}, { endsAfterMs: 3500 }],
    throws: (call) => call === 'cancelCheck',
  };

  it('does not keep TERM from working', async () => {
    const { outcome, transcript } = await simulate({ ...scenario, happenings: [hup(5000), term(6000)] });
    expect(outcome).toEqual({ kind: 'stopped' });
    expect(transcript).toContain('6s SIGTERM → 101');
  });

  it('does not keep a worker that died from being replaced, and counts for nothing', async () => {
    const { transcript } = await simulate({ ...scenario, happenings: [hup(5000), dies(8000, 1)] });
    expect(transcript.filter((line) => line.includes('starting'))).toEqual([
      '0s starting new worker 101',
      '8s starting new worker 103',
      '9s starting new worker 104',
    ]);
  });
});

async function callsInLife(call: Call): Promise<number> {
  let calls = 0;
  await simulate({ ...LIFE, throws: (each) => each === call && calls++ < 0 });
  return calls;
}

/** What fails before the first worker lives is an error of the start. */
function firstLater(call: Call): number {
  return call === 'policy' || call === 'spawn' ? 2 : 1;
}

function lastStatusBefore(transcript: readonly string[], seconds: number): string | undefined {
  return transcript.findLast((line) => line.includes('status file') && Number.parseFloat(line) < seconds);
}
