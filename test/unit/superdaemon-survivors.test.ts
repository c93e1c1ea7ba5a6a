import { describe, expect, it } from 'vitest';
import {
  diesAfter,
  forsaken,
  hup,
  ignoresSignals,
  readyAfter,
  type Scenario,
  signalAt,
  term,
} from './scenario.ts';
import { simulate } from './simulated-host.ts';

const survivors = { last: 7, workers: [{ generation: 6 }, { generation: 7 }] };
const begin = [
  '0s taking over worker 106 of generation 6, whose superdaemon is gone',
  '0s taking over worker 107 of generation 7, whose superdaemon is gone',
  '0s status file 6:106 7:107',
];

async function transcriptOf(scenario: Scenario): Promise<readonly string[]> {
  const { transcript } = await simulate({ survivors, ...scenario });
  expect(transcript.slice(0, 3)).toEqual(begin);
  return transcript.slice(3);
}

const SERVE_ON = 'workers that were taken over serve on: 106,107';

describe('workers that outlived a superdaemon that was killed', () => {
  it('serve on where whoever waits for the first start gives it up', async () => {
    const policy = { readyTimeoutMs: 60_000 };
    const happenings = [forsaken(5000)];
    const { outcome, transcript } = await simulate({ survivors, policy, happenings });
    expect(outcome).toEqual({ kind: 'never-started', reason: `given up by who started it, ${SERVE_ON}` });
    expect(transcript).toContain(`5s warning: given up by who started it, ${SERVE_ON}`);
    expect(transcript.filter((line) => line.includes('→'))).toEqual(['5s SIGTERM → 108']);
  });

  it('are told to go with all others where the first start is given up too late', async () => {
    const policy = { killOldDelayMs: 60_000 };
    const happenings = [forsaken(5000)];
    const { outcome, transcript } = await simulate({ survivors, policy, happenings });
    expect(outcome).toEqual({ kind: 'stopped' });
    expect(transcript.filter((line) => line.includes('→'))).toEqual([
      '5s SIGTERM → 106',
      '5s SIGTERM → 107',
      '5s SIGTERM → 108',
    ]);
  });

  it('have nothing to do with a first start that is given up where there are none', async () => {
    const policy = { readyTimeoutMs: 60_000 };
    const { outcome, transcript } = await simulate({ policy, happenings: [forsaken(5000)] });
    expect(outcome).toEqual({ kind: 'stopped' });
    expect(transcript.filter((line) => line.includes('→'))).toEqual(['5s SIGTERM → 101']);
  });

  it('are told to go when the next generation has started, and how they ended nobody can tell', async () => {
    expect(await transcriptOf({})).toEqual([
      '0s starting new worker 108',
      '1s status file 6:106 7:107 8:108',
      '1s new worker is now running, sending TERM to old workers:106,107',
      '1s killing old workers',
      '1s SIGTERM → 106',
      '1s SIGTERM → 107',
      '1s old worker 106 died, status:unknown',
      '1s status file 7:107 8:108',
      '1s old worker 107 died, status:unknown',
      '1s status file 8:108',
    ]);
  });

  it('have the kill-old delay, and are killed when they do not go in time', async () => {
    const workers = [{ generation: 7, ...ignoresSignals }];
    const { transcript } = await simulate({
      survivors: { last: 7, workers },
      policy: { killOldDelayMs: 2000, killOldTimeoutMs: 5000 },
    });
    expect(transcript.slice(-5)).toEqual([
      '3s SIGTERM → 107',
      '8s worker 107 has not gone in time, sending KILL to it',
      '8s SIGKILL → 107',
      '8s old worker 107 died, status:unknown',
      '8s status file 8:108',
    ]);
  });

  it('serve on as long as no new one starts, one try an interval', async () => {
    const workers = [diesAfter(10), diesAfter(10)];
    const transcript = await transcriptOf({ workers });
    expect(transcript.slice(0, 7)).toEqual([
      '0s starting new worker 108',
      '0.01s new worker 108 seems to have failed to start, exit status:256',
      '0.01s status file 6:106 7:107',
      '1s starting new worker 109',
      '1.01s new worker 109 seems to have failed to start, exit status:256',
      '1.01s status file 6:106 7:107',
      '2s starting new worker 110',
    ]);
  });

  it('may die before, and then the next one serves alone', async () => {
    const happenings = [
      { atMs: 300, dies: 6, status: 9 },
      { atMs: 400, dies: 7, status: 9 },
    ];
    expect(await transcriptOf({ happenings })).toEqual([
      '0s starting new worker 108',
      '0.3s old worker 106 died, status:unknown',
      '0.3s status file 7:107',
      '0.4s old worker 107 died, status:unknown',
      '0.4s status file',
      '1s status file 8:108',
    ]);
  });

  it.each([
    ['SIGTERM', 'SIGQUIT'],
    ['SIGINT', 'SIGTERM'],
    ['SIGQUIT', 'SIGTERM'],
  ] as const)('are stopped by %s with %s, like any worker', async (received, signal) => {
    const policy = { signalOnTerm: 'SIGQUIT', intervalMs: 5000 } as const;
    const { transcript, outcome } = await simulate({
      survivors,
      policy,
      happenings: [signalAt(1000, received)],
    });
    expect(transcript.slice(4)).toEqual([
      `1s received ${received.slice(3)}, sending ${signal.slice(3)} to all workers:106,107,108`,
      ...[106, 107, 108].map((pid) => `1s ${signal} → ${pid}`),
      '1s worker 106 died, status:unknown',
      '1s status file 7:107',
      '1s worker 107 died, status:unknown',
      '1s status file',
      '1s worker 108 died, status:0',
      '1s exiting',
    ]);
    expect(outcome).toEqual({ kind: 'stopped' });
  });

  it('are left serving by a superdaemon that gives up', async () => {
    const { transcript, outcome } = await simulate({
      survivors,
      policy: { maxStartAttempts: 2 },
      workers: [diesAfter(10), diesAfter(10)],
    });
    expect(outcome).toMatchObject({
      reason: `giving up after 2 attempts: worker 109 ended with exit status 1, ${SERVE_ON}`,
    });
    expect(transcript.at(-1)).toBe('1.01s status file 6:106 7:107');
    expect(transcript.join()).not.toContain('→');
  });

  it('are left serving by one whose program is not there, or is refused', async () => {
    const missing = await simulate({ survivors, workers: [{ fails: 'no such file' }] });
    expect(missing.outcome).toEqual({ kind: 'never-started', reason: `no such file, ${SERVE_ON}` });
    const checks = [{ refusal: 'no' }];
    const refused = await simulate({ survivors, policy: { hasCheck: true }, checks });
    expect(refused.outcome).toEqual({ kind: 'never-started', reason: `no, ${SERVE_ON}` });
    expect([...missing.transcript, ...refused.transcript].join()).not.toContain('→');
  });

  it('stay when a late first worker has to be waited for at the end of a give-up', async () => {
    const { transcript, outcome } = await simulate({
      survivors,
      policy: { readyTimeoutMs: 500, maxStartAttempts: 1 },
      workers: [{ ...readyAfter(60_000), goesAfterMs: 3000 }],
    });
    expect(outcome).toMatchObject({ kind: 'never-started' });
    expect(transcript.at(-1)).toBe('3.5s status file 6:106 7:107');
  });

  it('are old in a deploy that comes meanwhile, and are told to go once', async () => {
    const transcript = await transcriptOf({ happenings: [hup(500), term(9000)] });
    expect(transcript.filter((line) => line.includes('→ 107'))).toEqual(['1s SIGTERM → 107']);
    expect(transcript).toContain('2s status file 8:108 9:109');
  });
});
