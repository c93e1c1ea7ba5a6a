import { describe, expect, it } from 'vitest';
import { pool } from './pool.ts';
import { dies, diesAfter, hup, ignoresSignals, leavesTree, lives, term } from './scenario.ts';
import { simulate } from './simulated-host.ts';

/** What is told to whom, and what becomes of it. */
const course = (transcript: readonly string[]) =>
  transcript.filter((line) => /→|died|has ended|has gone|starting new|exiting/.test(line));

describe('a worker that has ended before what it has started', () => {
  it('is going as long as that lives, which is told as it was', async () => {
    const { transcript } = await simulate({
      policy: { signalOnHup: 'SIGQUIT', signalOnTerm: 'SIGTERM' },
      workers: [{ goesAfterMs: 500, treeGoesAfterMs: 4000 }, lives],
      happenings: [hup(5000), term(60_000)],
    });
    expect(course(transcript)).toEqual([
      '0s starting new worker 101',
      '5s starting new worker 102',
      '6s SIGQUIT → 101',
      '6.5s worker 101 of generation 1 has ended before what it has started, telling that to go: 10101',
      '6.5s SIGQUIT → tree of 101',
      '10.5s old worker 101 died, status:0',
      '10.5s all that worker 101 of generation 1 had started has gone',
      '60s SIGTERM → 102',
      '60s worker 102 died, status:0',
      '60s exiting',
    ]);
    expect(transcript).toContain('6s status file 1:101 2:102');
    expect(transcript.indexOf('10.5s status file 2:102')).toBeGreaterThan(0);
  });

  it('is told apart from another one, whose tree goes first', async () => {
    const { transcript } = await simulate({
      workers: [leavesTree(9000), leavesTree(1000), lives],
      happenings: [hup(5000), hup(7000)],
      untilMs: 30_000,
    });
    expect(course(transcript).filter((line) => line.includes('had started'))).toEqual([
      '9s all that worker 102 of generation 2 had started has gone',
      '15s all that worker 101 of generation 1 had started has gone',
    ]);
  });

  it('is killed with it when its time is over, which began with its own signal', async () => {
    const { transcript } = await simulate({
      policy: { killOldTimeoutMs: 10_000 },
      workers: [{ goesAfterMs: 2000, treeGoesAfterMs: Number.POSITIVE_INFINITY }, lives],
      happenings: [hup(5000)],
      untilMs: 30_000,
    });
    expect(course(transcript).slice(2)).toEqual([
      '6s SIGTERM → 101',
      '8s worker 101 of generation 1 has ended before what it has started, telling that to go: 10101',
      '8s SIGTERM → tree of 101',
      '16s SIGKILL → tree of 101',
      '16s old worker 101 died, status:0',
      '16s all that worker 101 of generation 1 had started has gone',
    ]);
  });

  it('has its tree killed at once where it was killed itself', async () => {
    const { transcript } = await simulate({
      policy: { killOldTimeoutMs: 3000 },
      workers: [{ ...ignoresSignals, ...leavesTree() }, lives],
      happenings: [hup(5000)],
      untilMs: 30_000,
    });
    expect(course(transcript).slice(2)).toEqual([
      '6s SIGTERM → 101',
      '9s SIGKILL → 101',
      '9s worker 101 of generation 1 has ended before what it has started, telling that to go: 10101',
      '9s SIGKILL → tree of 101',
      '9s old worker 101 died, status:9',
      '9s all that worker 101 of generation 1 had started has gone',
    ]);
  });

  it('is replaced at once when it died by itself, and what it has left goes as an old worker does', async () => {
    const { transcript } = await simulate({
      policy: { signalOnHup: 'SIGQUIT', killOldTimeoutMs: 5000 },
      workers: [leavesTree(Number.POSITIVE_INFINITY), lives],
      happenings: [dies(20_000, 1)],
      untilMs: 40_000,
    });
    expect(course(transcript).slice(1)).toEqual([
      '20s worker 101 of generation 1 has ended before what it has started, telling that to go: 10101',
      '20s worker 101 died unexpectedly with status:9, restarting',
      '20s starting new worker 102',
      '20s SIGQUIT → tree of 101',
      '25s SIGKILL → tree of 101',
      '25s all that worker 101 of generation 1 had started has gone',
    ]);
    expect(transcript).toContain('20s status file 1:101');
    expect(transcript).toContain('21s status file 1:101 2:102');
    expect(transcript).toContain('25s status file 2:102');
  });

  it('has failed to start all the same, and the next attempt comes in its time', async () => {
    const { transcript } = await simulate({
      workers: [{ ...diesAfter(100), ...leavesTree(2500) }, lives],
      untilMs: 10_000,
    });
    expect(course(transcript)).toEqual([
      '0s starting new worker 101',
      '0.1s worker 101 of generation 1 has ended before what it has started, telling that to go: 10101',
      '0.1s SIGTERM → tree of 101',
      '1s starting new worker 102',
      '2.6s all that worker 101 of generation 1 had started has gone',
    ]);
  });

  it('keeps the end waiting, which tells what it has left to stop, too', async () => {
    const { transcript, outcome } = await simulate({
      policy: { signalOnHup: 'SIGQUIT', stopTimeoutMs: 2000 },
      workers: [leavesTree(Number.POSITIVE_INFINITY), lives],
      happenings: [hup(5000), term(10_000)],
    });
    expect(course(transcript).slice(2)).toEqual([
      '6s SIGQUIT → 101',
      '6s worker 101 of generation 1 has ended before what it has started, telling that to go: 10101',
      '6s SIGQUIT → tree of 101',
      '10s SIGTERM → tree of 101',
      '10s SIGTERM → 102',
      '10s worker 102 died, status:0',
      '12s SIGKILL → tree of 101',
      '12s worker 101 died, status:0',
      '12s all that worker 101 of generation 1 had started has gone',
      '12s exiting',
    ]);
    expect(outcome).toEqual({ kind: 'stopped' });
  });

  it('is handed over to the program that takes over, with what it has left', async () => {
    const { transcript } = await simulate({
      policy: { killOldTimeoutMs: 10_000 },
      workers: [leavesTree(Number.POSITIVE_INFINITY), lives],
      happenings: [hup(5000), { atMs: 8000, signal: 'SIGUSR2' }],
      untilMs: 30_000,
    });
    expect(transcript).toContain('8s gives way');
    expect(course(transcript).slice(-3)).toEqual([
      '16s SIGKILL → tree of 101',
      '16s old worker 101 died, status:0',
      '16s all that worker 101 of generation 1 had started has gone',
    ]);
  });

  it('is not taken for a new worker that has got its pid', async () => {
    const { transcript } = await simulate({
      workers: [leavesTree(60_000), lives, lives],
      happenings: [hup(5000), hup(10_000), term(30_000)],
      reusesPids: 'even while a tree lives',
    });
    expect(course(transcript).slice(2)).toEqual([
      '6s SIGTERM → 101',
      '6s worker 101 of generation 1 has ended before what it has started, telling that to go: 10101',
      '6s SIGTERM → tree of 101',
      '10s starting new worker 101',
      '11s SIGTERM → 102',
      '11s old worker 102 died, status:0',
      '30s SIGTERM → tree of 101',
      '30s SIGTERM → 101',
      '30s worker 101 died, status:0',
      '66s worker 101 died, status:0',
      '66s all that worker 101 of generation 1 had started has gone',
      '66s exiting',
    ]);
  });

  it('takes its room in a roll until all of it has gone', async () => {
    const { story } = await pool({
      policy: { workers: 2, surge: 1, killOldTimeoutMs: 60_000 },
      workers: (_now, { attempt }) => (attempt === 1 ? leavesTree(9000) : lives),
      happenings: [hup(5000)],
      untilMs: 40_000,
    });
    const at = (line: string) => Number.parseFloat(story.find((each) => each.endsWith(line)) ?? 'never');
    expect(at('rolled 2/0')).toBe(6);
    expect(at('start 2/1')).toBe(15);
  });
});
