// What happens to a pool when several things happen at once.

import { describe, expect, it } from 'vitest';
import { failing, fails, inSlot, pool, servingAt, since } from './pool.ts';
import {
  cancel,
  cannotCheck,
  diesByPid,
  goesAfter,
  type Happening,
  hup,
  lives,
  passes,
  request,
  type Scenario,
  scaleAt,
  signalAt,
  term,
} from './scenario.ts';

/** The workers of the first start have the pids 101 to 104. */
const oldOnesDie = (atMs: number, ...slots: number[]): Happening[] =>
  slots.map((slot) => diesByPid(atMs, 101 + slot));

describe('HUP', () => {
  it('while a slot of the new ones has not failed yet waits, and once it has is served at once', async () => {
    const { story } = await pool({
      workers: inSlot(2, 2, [{ diesAfterMs: 400, status: 256 }]),
      happenings: [hup(10_000), hup(11_200)],
    });
    expect(since(story, 11_200).slice(0, 7)).toEqual([
      '11.4s failed 2/2',
      '11.4s hup 2',
      '11.4s SIGTERM → 2/3',
      '11.4s SIGTERM → 2/0',
      '11.4s SIGTERM → 2/1',
      '11.4s start 3/0',
      '11.4s start 3/1',
    ]);
  });

  it('while a crashed slot is being started again begins at once, for somebody serves', async () => {
    const { story } = await pool({ happenings: [diesByPid(10_000, 102), hup(10_500)] });
    expect(since(story, 10_500).slice(0, 2)).toEqual(['10.5s hup 1', '10.5s start 2/0']);
  });

  it('while all are being started again waits until one serves', async () => {
    const { story } = await pool({ happenings: [...oldOnesDie(10_000, 0, 1, 2, 3), hup(10_500)] });
    expect(story.filter((line) => /hup|started 1\/0/.test(line)).slice(1)).toEqual([
      '11s started 1/0',
      '11s hup 1',
    ]);
  });

  it('counts the one of the old that is being started again among those that may be starting', async () => {
    const { story } = await pool({ happenings: [diesByPid(10_000, 102), hup(10_500)] });
    expect(since(story, 10_500).filter((line) => line.includes('start '))).toEqual([
      '10.5s start 2/0',
      '11s start 2/1',
      '11.5s start 2/2',
      '12s start 2/3',
    ]);
  });

  it('tells one of the old that is still being started to go once all new ones have started', async () => {
    const slow = inSlot(1, 1, [{ readyAfterMs: 10 }, lives], { readyAfterMs: 10 });
    const { story } = await pool({
      policy: { readyTimeoutMs: 60_000, startAtOnce: 4, signalOnTerm: 'SIGUSR1' },
      workers: slow,
      happenings: [diesByPid(10_000, 102), hup(10_500)],
    });
    expect(story).toContain('11.01s SIGUSR1 → 1/1');
  });

  it('has failures of the old one that is being started again count for nobody new', async () => {
    const { story } = await pool({
      policy: { maxStartAttempts: 1, startAtOnce: 4 },
      workers: inSlot(1, 1, [lives, { diesAfterMs: 700, status: 256 }]),
      happenings: [diesByPid(10_000, 102), hup(10_500)],
    });
    expect(since(story, 10_500).filter((line) => /failed|given up|deployed/.test(line))).toEqual([
      '10.7s failed 1/1',
      '12s deployed 1',
    ]);
  });

  it('again and again on a broken release leaves no more than one half-started deploy', async () => {
    const simulation = await pool({
      policy: { maxStartAttempts: 0 },
      workers: (_now, { generation, place }) => (generation > 1 && place?.worker === 3 ? fails : lives),
      happenings: [hup(10_000), hup(20_000), hup(30_000), hup(40_000)],
      untilMs: 50_000,
    });
    expect(servingAt(simulation, 49_000)).toEqual(['1/0', '1/1', '1/2', '1/3', '5/0', '5/1', '5/2']);
  });

  it('during the delay leaves each of the old deploys its own time', async () => {
    const { story } = await pool({
      policy: { killOldDelayMs: 5000, workers: 2 },
      happenings: [hup(10_000), hup(13_000)],
    });
    expect(story.filter((line) => line.includes('→'))).toEqual([
      '16s SIGTERM → 1/0',
      '16s SIGTERM → 1/1',
      '19s SIGTERM → 2/0',
      '19s SIGTERM → 2/1',
    ]);
  });

  it('on a deploy that has lost all old ones makes what has started of it the current one', async () => {
    const simulation = await pool({
      workers: inSlot(2, 2, failing(50)),
      happenings: [hup(10_000), ...oldOnesDie(11_500, 0, 1, 2, 3), hup(30_500)],
    });
    expect(servingAt(simulation, 30_400)).toEqual(['2/0', '2/1', '2/3']);
    expect(since(simulation.story, 30_500).filter((line) => /hup|→|deployed/.test(line))).toEqual([
      '30.5s hup 2',
      '32.5s deployed 2',
      '32.5s SIGTERM → 2/0',
      '32.5s SIGTERM → 2/1',
      '32.5s SIGTERM → 2/3',
    ]);
  });

  it('makes no attempt more often than an interval in one slot, however often it comes', async () => {
    const { story } = await pool({
      workers: inSlot(3, 0, failing(1)),
      happenings: [hup(10_000), hup(10_010), hup(10_020), hup(11_000), hup(11_010)],
    });
    const times = story.flatMap((line) => (/start \d+\/0/.test(line) ? [Number.parseFloat(line)] : []));
    for (const [nth, time] of times.slice(1).entries())
      expect(time - (times[nth] ?? 0)).toBeGreaterThanOrEqual(1);
  });

  it('forgets a retry that was pending when the deploy before was given up', async () => {
    const { story } = await pool({
      policy: { intervalMs: 0, workers: 1, maxStartAttempts: 1, readyTimeoutMs: 60_000 },
      workers: (_now, { generation }) =>
        generation === 1 ? { readyAfterMs: 0 } : { diesAfterMs: 1, status: 256 },
      happenings: [hup(10_000), hup(10_010), hup(10_020)],
    });
    expect(story.filter((line) => /start [234]/.test(line))).toEqual([
      '10s start 2/0',
      '10.01s start 3/0',
      '10.02s start 4/0',
    ]);
  });
});

describe('a client that calls the deploy off', () => {
  it('has all new workers told to go, and leaves the old ones untouched', async () => {
    const simulation = await pool({ happenings: [hup(10_000), cancel(11_500, 9)] });
    expect(since(simulation.story, 11_500).slice(0, 5)).toEqual([
      '11.5s SIGTERM → 2/2',
      '11.5s SIGTERM → 2/3',
      '11.5s given up 1: worker undefined, 1 keeps',
      '11.5s SIGTERM → 2/0',
      '11.5s SIGTERM → 2/1',
    ]);
    expect(servingAt(simulation, 60_000)).toEqual(['1/0', '1/1', '1/2', '1/3']);
  });
});

describe('the death of new workers during the delay', () => {
  const policy = { killOldDelayMs: 5000 };

  it('of one: nothing old goes, and the delay begins anew once all serve again', async () => {
    const { story } = await pool({ policy, happenings: [hup(10_000), diesByPid(14_000, 107)] });
    expect(since(story, 14_000).slice(0, 6)).toEqual([
      '14s died 2/2 current',
      '14s start 2/2',
      '15s started 2/2',
      '15s deployed by itself',
      '15s all 4 of 2',
      '20s SIGTERM → 1/0',
    ]);
  });

  it('in the moment in which it ends counts', async () => {
    const { story } = await pool({ policy, happenings: [hup(10_000), diesByPid(17_000, 107)] });
    expect(story.find((line) => line.includes('→'))).toBe('23s SIGTERM → 1/0');
  });
});

describe('a deploy that is given up', () => {
  const broken: Scenario = { workers: inSlot(2, 3, failing(3)) };

  it('with some of the old ones dead leaves the new ones until the gaps are filled', async () => {
    const { story } = await pool({
      ...broken,
      workers: inSlot(2, 3, failing(3)),
      happenings: [hup(10_000), ...oldOnesDie(11_500, 0, 1, 2)],
    });
    expect(since(story, 13_000).filter((line) => /given up|start|→/.test(line))).toEqual([
      '13s start 2/3',
      '13.1s given up 1: worker 3, 1 keeps',
      '13.1s start 1/0',
      '13.1s start 1/1',
      '14.1s started 1/0',
      '14.1s started 1/1',
      '14.1s start 1/2',
      '15.1s started 1/2',
      '15.1s SIGTERM → 2/0',
      '15.1s SIGTERM → 2/1',
      '15.1s SIGTERM → 2/2',
    ]);
  });

  it('with one old one left, which then dies: the new ones carry the service', async () => {
    const simulation = await pool({
      workers: (now, attempt) => {
        const again = attempt.generation === 1 && now > 13_000 && now < 20_000;
        return again ? fails : broken3(now, attempt);
      },
      happenings: [hup(10_000), ...oldOnesDie(11_500, 0, 1, 2), diesByPid(13_500, 104)],
    });
    expect(servingAt(simulation, 19_000)).toEqual(['2/0', '2/1', '2/2']);
    expect(servingAt(simulation, 60_000)).toEqual(['1/0', '1/1', '1/2', '1/3']);
  });
  const broken3 = inSlot(2, 3, failing(3));

  it('and the next deploy takes what was left of it away, for it was not needed', async () => {
    const { story } = await pool({
      workers: (now, attempt) => {
        const again = attempt.generation === 1 && now > 13_000;
        return again ? fails : other3(now, attempt);
      },
      happenings: [hup(10_000), diesByPid(11_500, 101), hup(20_000)],
      untilMs: 30_000,
    });
    expect(since(story, 20_000).slice(0, 4)).toEqual([
      '20s hup 2',
      '20s SIGTERM → 2/0',
      '20s SIGTERM → 2/1',
      '20s SIGTERM → 2/2',
    ]);
  });
  const other3 = inSlot(2, 3, failing(3));

  it('and whose new ones carry the service leaves them until the next deploy is up', async () => {
    const { story } = await pool({
      workers: (now, attempt) => {
        const again = attempt.generation === 1 && now > 13_000;
        return again ? fails : carrying3(now, attempt);
      },
      happenings: [hup(10_000), ...oldOnesDie(11_500, 0, 1, 2), diesByPid(13_500, 104), hup(20_450)],
      untilMs: 30_000,
    });
    expect(since(story, 20_450).filter((line) => /hup|→|deployed/.test(line))).toEqual([
      '20.45s hup 2',
      '23.1s deployed 2',
      '23.1s SIGTERM → 2/0',
      '23.1s SIGTERM → 2/1',
      '23.1s SIGTERM → 2/2',
    ]);
  });
  const carrying3 = inSlot(2, 3, failing(3));

  it('is not while no old one lives', async () => {
    const { story } = await pool({
      workers: inSlot(2, 3, failing(9)),
      happenings: [hup(10_000), ...oldOnesDie(11_500, 0, 1, 2, 3)],
    });
    expect(story.filter((line) => /given up|deployed/.test(line))).toEqual(['21s deployed 1']);
  });
});

describe('all workers that die', () => {
  it('while the check runs are made up for unchecked, under their own number, and the deploy afterwards', async () => {
    const { story } = await pool({
      policy: { hasCheck: true },
      checks: [passes(), { endsAfterMs: 60_000, evenCancelled: true }, passes(50)],
      workers: inSlot(1, 2, [lives, ...failing(3)]),
      happenings: [request(10_000, 7), ...oldOnesDie(15_000, 0, 1, 2, 3)],
    });
    expect(since(story, 10_000).filter((line) => /hup|check|start |deployed/.test(line))).toEqual([
      '10s hup 1',
      '10s check 2',
      '15s start 1/0',
      '15s start 1/1',
      '16s hup 2',
      '16s check 3',
      '16.05s start 3/0',
      '16.05s start 3/1',
      '17.05s start 3/2',
      '17.05s start 3/3',
      '18.05s deployed 2',
    ]);
  });

  it('have their slots filled one after the other, each as soon as it may be', async () => {
    const simulation = await pool({ happenings: oldOnesDie(10_000, 0, 1, 2, 3) });
    expect(since(simulation.story, 10_000).filter((line) => line.includes('start '))).toEqual([
      '10s start 1/0',
      '10s start 1/1',
      '11s start 1/2',
      '11s start 1/3',
    ]);
  });
});

describe('a check that cannot be run', () => {
  it('costs the deploy once, however many might start at once', async () => {
    const { story } = await pool({
      policy: { hasCheck: true, startAtOnce: 4 },
      checks: [passes(), cannotCheck('no such file')],
      happenings: [hup(10_000)],
    });
    expect(since(story, 10_000)).toEqual(['10s hup 1', '10s check 2', '10s refused 1']);
  });
});

describe('USR2', () => {
  it('between two failed attempts of a half-started deploy lets the next program go on with it', async () => {
    const { story, transcript } = await pool({
      workers: inSlot(2, 2, failing(2)),
      happenings: [hup(10_000), signalAt(12_500, 'SIGUSR2')],
    });
    expect(transcript).toContain('12.5s gives way');
    expect(since(story, 12_500).slice(0, 3)).toEqual(['13s start 2/2', '14s started 2/2', '14s deployed 1']);
  });

  it('waits until all workers of a deploy have started, and scaling lasts', async () => {
    const { transcript } = await pool({
      happenings: [scaleAt(5000, { to: 6 }), hup(10_000), signalAt(10_500, 'SIGUSR2'), hup(20_000)],
    });
    expect(transcript.filter((line) => /gives way|running/.test(line))).toEqual([
      '13s new worker is now running, sending TERM to old workers:101,102,103,104,105,106',
      '13s gives way',
      '23s new worker is now running, sending TERM to old workers:107,108,109,110,111,112',
    ]);
  });
});

describe('TERM', () => {
  const lifetimes: readonly (readonly [string, Scenario])[] = [
    ['the first start', {}],
    ['a deploy', { happenings: [hup(3000)] }],
    ['a failing deploy', { workers: inSlot(2, 2, failing(50)), happenings: [hup(3000)] }],
    ['a deploy that lost all old ones', { happenings: [hup(3000), ...oldOnesDie(4500, 0, 1, 2, 3)] }],
    ['a check', { policy: { hasCheck: true }, checks: [passes(), passes(9000)], happenings: [hup(3000)] }],
    ['scaling', { happenings: [scaleAt(3000, { to: 9 }), scaleAt(4500, { to: 2 })] }],
    [
      'a crash',
      { workers: inSlot(1, 0, [goesAfter(300), ...failing(9)]), happenings: [diesByPid(3000, 101)] },
    ],
  ];

  it.each(
    lifetimes,
  )('during %s ends everything: nobody is told twice, nobody is started any more', async (_what, life) => {
    for (let atMs = 0; atMs <= 7000; atMs += 350) {
      const happenings = [...(life.happenings ?? []), term(atMs)];
      const { story, outcome } = await pool({ ...life, happenings });
      const told = since(story, atMs).filter((line) => line.includes('→'));
      expect(outcome, `TERM at ${atMs}\n${story.join('\n')}`).toEqual({ kind: 'stopped' });
      expect(new Set(told).size).toBe(told.length);
      expect(story.filter((line) => / start /.test(line) && Number.parseFloat(line) > atMs / 1000)).toEqual(
        [],
      );
    }
  });
});
