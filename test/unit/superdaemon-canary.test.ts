// --canary: the first new worker serves beside all old ones, and decides the deploy.

import { describe, expect, it } from 'vitest';
import { failing, inSlot, pool, servingAt, since } from './pool.ts';
import {
  cancel,
  cannotCheck,
  dies,
  diesAfter,
  diesByPid,
  hangsAfter,
  hup,
  ignoresSignals,
  lives,
  passes,
  refuses,
  request,
  type Scenario,
  signalAt,
  term,
} from './scenario.ts';
import { simulate } from './simulated-host.ts';

const canary = { canaryMs: 5000 };
const checked = { ...canary, hasCanaryCheck: true };

/** Without the status file. */
async function one(scenario: Scenario): Promise<string[]> {
  const { transcript } = await simulate({ policy: canary, untilMs: 60_000, ...scenario });
  return transcript.filter((line) => !line.includes('status file') && Number.parseFloat(line) >= 10);
}

describe('the canary of a single worker', () => {
  it('serves beside the old one until its time is over, then the old one is told to go', async () => {
    expect(await one({ happenings: [hup(10_000)] })).toEqual([
      '10s received HUP, spawning a new worker',
      '10s starting new worker 102',
      '11s worker 102 is the canary of generation 2, judged in 5 secs',
      '16s the canary has passed, the deploy of generation 2 goes on',
      '16s new worker is now running, sending TERM to old workers:101',
      '16s killing old workers',
      '16s SIGTERM → 101',
      '16s old worker 101 died, status:0',
    ]);
  });

  it('that dies has failed the deploy, and the old one serves on', async () => {
    expect(await one({ workers: [lives, diesAfter(3000)], happenings: [hup(10_000)] })).toEqual([
      '10s received HUP, spawning a new worker',
      '10s starting new worker 102',
      '11s worker 102 is the canary of generation 2, judged in 5 secs',
      '13s canary 102 died, status:256',
      '13s canary 102 ended with exit status 1: deploy refused, generation 1 keeps serving',
    ]);
  });

  it('whose check refuses it is told to go', async () => {
    const judgements = [refuses('canary check exited with status 3', 500)];
    const story = await one({ policy: checked, judgements, happenings: [hup(10_000)] });
    expect(story.slice(3)).toEqual([
      '16s checking the canary, worker 102',
      '16s judge 102',
      '16.5s canary check exited with status 3: deploy refused, generation 1 keeps serving',
      '16.5s SIGTERM → 102',
      '16.5s new worker 102 died, status:0',
    ]);
  });

  it('whose check cannot be run is told to go', async () => {
    const story = await one({
      policy: checked,
      judgements: [cannotCheck('no shell')],
      happenings: [hup(10_000)],
    });
    expect(story.slice(5, 7)).toEqual([
      '16s no shell: deploy refused, generation 1 keeps serving',
      '16s SIGTERM → 102',
    ]);
  });

  it('that falls silent has failed the deploy, and is killed when it does not go', async () => {
    const story = await one({
      policy: { ...canary, watchdogMs: 2000 },
      workers: [lives, hangsAfter(2500, Number.POSITIVE_INFINITY)],
      happenings: [hup(10_000)],
    });
    expect(story.slice(2)).toEqual([
      '11s worker 102 is the canary of generation 2, judged in 5 secs',
      '14s worker 102 has been silent for 2 secs, sending TERM to it',
      '14s SIGTERM → 102',
      '14s canary 102 was silent for 2 secs: deploy refused, generation 1 keeps serving',
      '16s worker 102 has not gone in time, sending KILL to it',
      '16s SIGKILL → 102',
      '16s new worker 102 died, status:9',
    ]);
  });

  it('that hangs, and whose check finds that out, is killed when it does not go', async () => {
    const story = await one({
      policy: { ...checked, killOldTimeoutMs: 3000 },
      workers: [lives, ignoresSignals],
      judgements: [refuses('canary check took longer than 10 secs', 10_000)],
      happenings: [hup(10_000)],
    });
    expect(story.slice(5)).toEqual([
      '26s canary check took longer than 10 secs: deploy refused, generation 1 keeps serving',
      '26s SIGTERM → 102',
      '29s worker 102 has not gone in time, sending KILL to it',
      '29s SIGKILL → 102',
      '29s new worker 102 died, status:9',
    ]);
  });

  it('is the last word: what its check says after the deploy is over counts for nothing', async () => {
    const judgements = [{ endsAfterMs: 5000, refusal: 'late', evenCancelled: true } as const];
    const story = await one({ policy: checked, judgements, happenings: [hup(10_000), hup(17_000)] });
    expect(story.filter((line) => /late|passed/.test(line))).toEqual([
      '23s the canary has passed, the deploy of generation 3 goes on',
    ]);
  });

  it('is abandoned by HUP, which begins anew', async () => {
    expect((await one({ happenings: [hup(10_000), hup(13_000)] })).slice(3, 9)).toEqual([
      '13s received HUP, spawning a new worker',
      '13s SIGTERM → 102',
      '13s starting new worker 103',
      '13s new worker 102 died, status:0',
      '14s worker 103 is the canary of generation 3, judged in 5 secs',
      '19s the canary has passed, the deploy of generation 3 goes on',
    ]);
  });

  it('is ended at once by TERM, its check, too', async () => {
    const judgements = [passes(5000)];
    const story = await one({ policy: checked, judgements, happenings: [hup(10_000), term(17_000)] });
    expect(story.slice(5)).toEqual([
      '17s judgement cancelled',
      '17s received TERM, sending TERM to all workers:101,102',
      '17s SIGTERM → 101',
      '17s SIGTERM → 102',
      '17s worker 101 died, status:0',
      '17s worker 102 died, status:0',
      '17s exiting',
    ]);
  });

  it('is judged no more once the old one has died: nobody else serves', async () => {
    expect((await one({ happenings: [hup(10_000), dies(12_000, 1)] })).slice(3)).toEqual([
      '12s old worker 101 died, status:9',
      '12s no old worker serves any more, the deploy of generation 2 goes on without a verdict on its canary',
      '12s new worker is now running, sending TERM to old workers:none',
      '12s killing old workers',
    ]);
  });

  it('is not asked for while nobody serves, and not at the first start', async () => {
    const { told } = await simulate({ policy: canary, happenings: [dies(10_000, 1)], untilMs: 60_000 });
    expect(told.filter(({ event }) => event.startsWith('canary'))).toEqual([]);
  });

  it('is called off by a client', async () => {
    const story = await one({ happenings: [request(10_000, 1), cancel(13_000, 2)] });
    expect(story.slice(3, 6)).toEqual([
      '13s a client calls the deploy off',
      '13s giving up after 1 attempt, generation 1 keeps serving',
      '13s SIGTERM → 102',
    ]);
  });

  it('that never starts is an attempt that fails, like any other', async () => {
    const workers = [lives, diesAfter(100), diesAfter(100), lives];
    const policy = { ...canary, maxStartAttempts: 2 };
    expect((await one({ policy, workers, happenings: [hup(10_000)] })).at(-1)).toBe(
      '11.1s giving up after 2 attempts, generation 1 keeps serving',
    );
  });

  it('has its verdict before another program takes over', async () => {
    const story = await one({ happenings: [hup(10_000), signalAt(12_000, 'SIGUSR2')] });
    expect(story.filter((line) => /passed|gives way/.test(line))).toEqual([
      '16s the canary has passed, the deploy of generation 2 goes on',
      '16s gives way',
    ]);
  });
});

describe('the canary of a pool', () => {
  it('is started alone, beside all old ones; the others follow when it has passed', async () => {
    const { story } = await pool({ policy: canary, happenings: [hup(10_000)] });
    expect(since(story, 10_000)).toEqual([
      '10s hup 1',
      '10s start 2/0',
      '11s started 2/0',
      '11s canary 2/0',
      '16s passed 2/0',
      '16s start 2/1',
      '16s start 2/2',
      '17s started 2/1',
      '17s started 2/2',
      '17s start 2/3',
      '18s started 2/3',
      '18s deployed 1',
      ...[0, 1, 2, 3].map((worker) => `18s SIGTERM → 1/${worker}`),
      '18s all 4 of 2',
      ...[0, 1, 2, 3].map((worker) => `18s died 1/${worker} old`),
    ]);
  });

  it('that dies has failed the deploy: nobody else was started, nobody old was touched', async () => {
    const workers = inSlot(2, 0, [diesAfter(3000)]);
    const { story } = await pool({ policy: canary, workers, happenings: [hup(10_000)] });
    expect(since(story, 10_000)).toEqual([
      '10s hup 1',
      '10s start 2/0',
      '11s started 2/0',
      '11s canary 2/0',
      '13s died 2/0 canary',
      '13s refused 1: canary 105 ended with exit status 1, 1 keeps',
    ]);
  });

  it('costs nobody his replacement: an old one that crashes is made up for meanwhile', async () => {
    const simulation = await pool({ policy: canary, happenings: [hup(10_000), diesByPid(12_000, 102)] });
    expect(since(simulation.story, 12_000).slice(0, 3)).toEqual([
      '12s died 1/1 current',
      '12s start 1/1',
      '13s started 1/1',
    ]);
    expect(servingAt(simulation, 15_000)).toEqual(['1/0', '1/1', '1/2', '1/3', '2/0']);
  });

  it('that is refused goes at once, though an old one is just being started again', async () => {
    const policy = { ...canary, hasCanaryCheck: true };
    const { story } = await pool({
      policy,
      judgements: [refuses('no')],
      happenings: [hup(10_000), diesByPid(15_900, 102)],
    });
    expect(since(story, 16_000).slice(0, 2)).toEqual(['16s refused 1: no, 1 keeps', '16s SIGTERM → 2/0']);
  });

  it('that is given up leaves the crash that is being made up for its pace', async () => {
    const workers = (_nowMs: number, { attempt }: { attempt: number }) =>
      attempt > 4 ? diesAfter(400) : lives;
    const { story } = await pool({
      policy: { ...canary, maxStartAttempts: 1 },
      workers,
      happenings: [hup(10_000), diesByPid(10_000, 103)],
      untilMs: 12_000,
    });
    expect(story.filter((line) => line.includes('start 1/2')).slice(1)).toEqual([
      '10s start 1/2',
      '11s start 1/2',
      '12s start 1/2',
    ]);
  });

  it('that never starts is given up, and old ones that crash meanwhile are made up for', async () => {
    const { story } = await pool({
      policy: canary,
      workers: inSlot(2, 0, failing(3)),
      happenings: [hup(10_000), diesByPid(10_500, 103)],
    });
    expect(since(story, 10_500)).toContain('10.5s start 1/2');
    expect(since(story, 10_500)).toContain('12.1s given up 1: worker 0, 1 keeps');
  });
});

it('leaves the interval in which an old one is started again as it is', async () => {
  const { story } = await pool({
    policy: { ...canary, workers: 2 },
    workers: inSlot(1, 1, [lives, ...failing(1)]),
    happenings: [diesByPid(10_000, 102), hup(10_200)],
  });
  const attempts = story.filter((line) => line.includes('start 1/1'));
  expect(attempts).toEqual(['0s start 1/1', '10s start 1/1', '11s start 1/1']);
});

it('gives those that serve beside it their pace anew: what failed beside the last canary counts no more', async () => {
  const beside = [inSlot(1, 1, [lives, ...failing(3)]), inSlot(2, 1, [lives, ...failing(1)])];
  const { story } = await pool({
    policy: { ...canary, workers: 2, backoffMs: 60_000 },
    happenings: [hup(10_000), diesByPid(11_200, 102), hup(30_000), diesByPid(32_000, 107)],
    workers: (now, attempt) => beside[attempt.generation - 1]?.(now, attempt) ?? lives,
  });
  expect(story.filter((line) => /start [12]\/1/.test(line))).toEqual([
    '0s start 1/1',
    '11.2s start 1/1',
    '12.7s start 1/1',
    '14.95s start 1/1',
    '16s start 2/1',
    '32s start 2/1',
    '33.5s start 2/1',
  ]);
});
