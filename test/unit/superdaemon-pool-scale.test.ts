import { describe, expect, it } from 'vitest';
import { failing, fails, inSlot, pool, servingAt, since } from './pool.ts';
import {
  cancel,
  diesByPid,
  goesAfter,
  hup,
  lives,
  passes,
  readyAfter,
  request,
  scaleAt,
  signalAt,
  term,
  type WorkerScript,
} from './scenario.ts';
import { simulate } from './simulated-host.ts';

describe('scaling', () => {
  it('fills the next slots, under the current number', async () => {
    const { story, told } = await pool({ happenings: [scaleAt(10_000, { to: 6 }, 7)] });
    expect(since(story, 10_000)).toEqual([
      '10s scaled 4 to 6',
      '10s start 1/4',
      '10s start 1/5',
      '11s started 1/4',
      '11s started 1/5',
      '11s all 6 of 1',
    ]);
    expect(told.find(({ event }) => event === 'scale-accepted')).toMatchObject({ request: 7, workers: 6 });
  });

  it('tells the highest slots to go, by the signal for old workers', async () => {
    const { story } = await pool({
      policy: { signalOnHup: 'SIGQUIT' },
      happenings: [scaleAt(10_000, { by: -2 })],
    });
    expect(since(story, 10_000).slice(0, 4)).toEqual([
      '10s scaled 4 to 2',
      '10s SIGQUIT → 1/2',
      '10s SIGQUIT → 1/3',
      '10s all 2 of 1',
    ]);
  });

  it.each([
    ['by scaling', [signalAt(10_000, 'SIGTTIN'), signalAt(10_500, 'SIGTTOU')]],
    ['for good by a deploy that is called off', [hup(10_000), cancel(10_500, 7)]],
  ])('a worker that was told to go before it had started has not failed to start: %s', async (_, happenings) => {
    const { story } = await pool({ happenings });
    expect(story.filter((line) => line.includes('failed'))).toEqual([]);
    expect(story.filter((line) => /^10\.\d+s died .* new$/.test(line))).not.toEqual([]);
  });

  it('one that was told because it was late has failed, and dies as such', async () => {
    const { story } = await pool({
      policy: { readyTimeoutMs: 1000 },
      workers: inSlot(1, 4, [lives], readyAfter(100)),
      happenings: [scaleAt(10_000, { by: 1 })],
    });
    const ends = story.filter((line) => /^1\d\.?\d*s (failed|died) 1\/4/.test(line));
    expect(ends).toEqual(['11s failed 1/4', expect.stringMatching(/^1[12]\S*s failed 1\/4$/)]);
  });

  it('says once more that all have started where nothing changes, for whoever asked', async () => {
    const { story } = await pool({ happenings: [scaleAt(10_000, { to: 4 })] });
    expect(since(story, 10_000)).toEqual(['10s all 4 of 1']);
  });

  it('that makes the new generation whole begins the delay of the old one at once', async () => {
    const dying: WorkerScript = { diesAfterMs: 2000, status: 9 };
    const { story } = await pool({
      policy: { killOldDelayMs: 5000 },
      workers: inSlot(2, 3, [dying, fails]),
      happenings: [hup(10_000), scaleAt(13_500, { to: 3 }), { atMs: 13_500, standsStillMs: 100 }],
    });
    expect(since(story, 13_500).slice(0, 3)).toEqual([
      '13.5s scaled 4 to 3',
      '13.5s deployed by itself',
      '13.5s all 3 of 2',
    ]);
  });

  it('that makes it whole begins the delay before the next worker of a stuck deploy is spawned', async () => {
    const { story } = await pool({
      policy: { killOldDelayMs: 5000, maxStartAttempts: 0 },
      spawnTakesMs: 250,
      workers: inSlot(3, 0, failing(99)),
      happenings: [hup(10_000), diesByPid(13_900, 108), hup(13_900), scaleAt(13_950, { to: 3 })],
    });
    expect(story.filter((line) => line.startsWith('14.4s'))).toEqual([
      '14.4s start 3/1',
      '14.4s died 2/3 old',
      '14.4s failed 3/0',
      '14.4s scaled 4 to 3',
      '14.4s deployed by itself',
      '14.4s all 3 of 2',
    ]);
    expect(story).toContain('19.4s SIGTERM → 1/0');
  });

  it('goes no lower than one worker', async () => {
    const simulation = await pool({ happenings: [scaleAt(10_000, { by: -9 })] });
    expect(servingAt(simulation, 20_000)).toEqual(['1/0']);
  });

  it('follows TTIN and TTOU', async () => {
    const happenings = [
      signalAt(10_000, 'SIGTTIN'),
      signalAt(20_000, 'SIGTTOU'),
      signalAt(20_000, 'SIGTTOU'),
    ];
    const { story } = await pool({ happenings });
    expect(story.filter((line) => line.includes('scaled'))).toEqual([
      '10s scaled 4 to 5',
      '20s scaled 5 to 4',
      '20s scaled 4 to 3',
    ]);
  });

  it('is told to the client of a deploy that follows', async () => {
    const happenings = [scaleAt(10_000, { to: 2 }), request(20_000, 8)];
    const { told } = await pool({ happenings });
    expect(told.find(({ event }) => event === 'request-accepted')).toMatchObject({ request: 8, workers: 2 });
  });

  it('lasts over a deploy', async () => {
    const simulation = await pool({ happenings: [scaleAt(10_000, { to: 2 }), hup(20_000)] });
    expect(servingAt(simulation, 30_000)).toEqual(['2/0', '2/1']);
  });

  it('waits while a deploy is under way, and only its last word counts', async () => {
    const { story } = await pool({
      happenings: [hup(10_000), scaleAt(10_500, { to: 2 }), scaleAt(11_500, { to: 6 })],
    });
    expect(since(story, 12_000).filter((line) => /scaled|deployed|start /.test(line))).toEqual([
      '12s deployed 1',
      '12s scaled 4 to 6',
      '12s start 2/4',
      '12s start 2/5',
    ]);
  });

  it('down waits until the slots below are filled, which may be all that serves', async () => {
    const { story } = await pool({
      policy: { workers: 5, readyTimeoutMs: undefined },
      workers: inSlot(1, 0, [lives, ...failing(2)]),
      happenings: [diesByPid(10_000, 101), scaleAt(10_050, { to: 1 })],
    });
    expect(since(story, 10_000).filter((line) => /scaled|→|started/.test(line))).toEqual([
      '10.05s scaled 5 to 1',
      '13s started 1/0',
      '13s SIGTERM → 1/1',
      '13s SIGTERM → 1/2',
      '13s SIGTERM → 1/3',
      '13s SIGTERM → 1/4',
    ]);
  });

  it('tells whoever asks of a worker that fails, though it had been told of before', async () => {
    const { story } = await pool({
      workers: inSlot(1, 1, [lives, ...failing(99)]),
      happenings: [diesByPid(10_000, 102), scaleAt(20_000, { by: -1 })],
    });
    const told = story.filter((line) => line.includes('keeps failing 1/1'));
    expect(told).toHaveLength(2);
    expect(since(told, 20_000)).toHaveLength(1);
  });

  it('down tells one that is still starting to go, too', async () => {
    const { story } = await pool({
      policy: { startAtOnce: 4 },
      happenings: [scaleAt(10_000, { to: 6 }), scaleAt(10_500, { to: 4 })],
    });
    expect(since(story, 10_500).slice(0, 4)).toEqual([
      '10.5s scaled 6 to 4',
      '10.5s SIGTERM → 1/4',
      '10.5s SIGTERM → 1/5',
      '10.5s all 4 of 1',
    ]);
  });

  it('up and down and up again spawns no more often than an interval in a slot', async () => {
    const by = [1, -1, 1, -1, 1].map((by, nth) => scaleAt(10_000 + nth * 10, { by }));
    const { story } = await pool({ happenings: by });
    expect(story.filter((line) => line.includes('start 1/4'))).toEqual(['10s start 1/4', '11s start 1/4']);
  });

  it('tells when a new slot never starts, and tries on', async () => {
    const { story } = await pool({
      workers: inSlot(1, 4, failing(5)),
      happenings: [scaleAt(10_000, { to: 5 })],
    });
    expect(story.filter((line) => /keeps|all 5/.test(line))).toEqual([
      '12.1s keeps failing 1/4',
      '16s all 5 of 1',
    ]);
  });

  it('is refused while it stops, and where there is no pool', async () => {
    const stopping = await pool({
      workers: () => goesAfter(500),
      happenings: [term(5000), scaleAt(5100, { to: 5 }, 7)],
    });
    const single = await simulate({
      happenings: [scaleAt(10_000, { to: 5 }, 7), signalAt(11_000, 'SIGTTIN')],
    });
    const refusals = [stopping, single].map(({ told }) =>
      told.find(({ event }) => event === 'request-refused'),
    );
    expect(refusals).toMatchObject([
      { request: 7, reason: 'the superdaemon is stopping' },
      { request: 7, reason: 'it was started without --workers' },
    ]);
    expect(single.told.filter(({ event }) => event === 'worker-starting')).toHaveLength(1);
  });
});

describe('a broken release that nobody gives up', () => {
  it('is deployed over although the slot whose check has passed is not wanted any more', async () => {
    const simulation = await pool({
      policy: { maxStartAttempts: 0, hasCheck: true, intervalMs: 3000, startAtOnce: 4 },
      checks: [passes(), passes(), passes(2500)],
      happenings: [
        hup(47_000),
        signalAt(48_000, 'SIGTTIN'),
        hup(48_100),
        diesByPid(49_000, 108),
        scaleAt(52_800, { to: 2 }),
        diesByPid(53_000, 111),
      ],
    });
    expect(simulation.transcript.join()).not.toContain('spins');
    expect(servingAt(simulation, 80_000)).toEqual(['3/0', '3/1']);
  });

  const policy = { maxStartAttempts: 0 };
  const workers = inSlot(2, 1, failing(100));

  it('does not keep a crash of the old ones from being made up for, behind its own attempts', async () => {
    const { story } = await pool({
      policy,
      workers,
      happenings: [hup(10_000), diesByPid(15_500, 103)],
      untilMs: 20_000,
    });
    expect(since(story, 15_500).slice(0, 4)).toEqual([
      '15.5s died 1/2 current',
      '15.5s start 1/2',
      '16.1s start 2/1',
      '16.2s failed 2/1',
    ]);
  });

  it('does not keep scaling waiting', async () => {
    const simulation = await pool({
      policy,
      workers,
      happenings: [hup(10_000), scaleAt(15_500, { to: 5 })],
      untilMs: 30_000,
    });
    expect(servingAt(simulation, 29_000)).toEqual(expect.arrayContaining(['1/4', '2/4']));
    expect(simulation.story).toContain('15.5s scaled 4 to 5');
  });

  it('leaves the old ones their turn where only one may start at a time', async () => {
    const { story } = await pool({
      policy: { ...policy, startAtOnce: 1, readyTimeoutMs: 5000 },
      workers: (_now, { generation, place }) =>
        generation === 2 && place?.worker === 1 ? { goesAfterMs: 10 } : { readyAfterMs: 10 },
      happenings: [hup(10_000), diesByPid(20_500, 103)],
      untilMs: 60_000,
    });
    expect(story.find((line) => /started 1\/2/.test(line) && Number.parseFloat(line) > 20)).toBe(
      '25.04s started 1/2',
    );
  });

  it('is superseded at once by HUP, and what had started of it goes then', async () => {
    const { story } = await pool({ policy, workers, happenings: [hup(10_000), hup(15_500)] });
    expect(since(story, 15_500).slice(0, 6)).toEqual([
      '15.5s hup 2',
      '15.5s SIGTERM → 2/0',
      '15.5s SIGTERM → 2/2',
      '15.5s SIGTERM → 2/3',
      '15.5s start 3/0',
      '15.5s start 3/2',
    ]);
  });
});
