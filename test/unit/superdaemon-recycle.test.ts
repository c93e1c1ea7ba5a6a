// Workers that are replaced for their age, their memory, or because they ask for it.

import { describe, expect, it } from 'vitest';
import { inSlot, pool, servingAt, since } from './pool.ts';
import { diesByPid, hup, lives, type Scenario, scaleAt, signalAt, type WorkerScript } from './scenario.ts';
import { simulate } from './simulated-host.ts';

const asks: WorkerScript = { asksAfterMs: 10_000 };
const recycling = (story: readonly string[]) =>
  since(story, 10_000).filter((line) => /start|→|hup|deployed/.test(line));

describe('a worker that asks to be replaced', () => {
  it('serves until its successor does, which bears the same number', async () => {
    const { transcript } = await simulate({ workers: [asks], reusesPids: true, untilMs: 60_000 });
    expect(transcript.filter((line) => /recycl|starting|SIG|taken over/.test(line)).slice(1)).toEqual([
      '10s recycling worker 101: it has asked for it',
      '10s starting new worker 102',
      '11s worker 102 has taken over from worker 101, sending TERM to it',
      '11s SIGTERM → 101',
    ]);
  });

  it('has the kill-old delay, as at a deploy', async () => {
    const { story } = await pool({
      policy: { killOldDelayMs: 5000 },
      workers: inSlot(1, 2, [asks]),
      untilMs: 60_000,
    });
    expect(recycling(story)).toEqual(['11s start 1/2', '12s started 1/2', '17s SIGTERM → 1/2']);
  });

  it('stays when its successor fails, which is tried again later each time', async () => {
    const broken = { diesAfterMs: 100, status: 256 };
    const { story, told } = await pool({
      workers: inSlot(1, 2, [asks, broken, broken, lives]),
      untilMs: 100_000,
    });
    expect(recycling(story)).toEqual([
      '11s start 1/2',
      '21.1s start 1/2',
      '41.2s start 1/2',
      '42.2s started 1/2',
      '42.2s SIGTERM → 1/2',
    ]);
    expect(told.filter(({ event }) => event === 'recycle-failed')).toMatchObject([
      { inMs: 10_000, pid: 103 },
      { inMs: 20_000, pid: 103 },
    ]);
  });

  it('waits while a deploy is under way, and is forgotten when that succeeds', async () => {
    const { told } = await pool({ workers: inSlot(1, 2, [asks]), happenings: [hup(9500)], untilMs: 60_000 });
    expect(told.some(({ event }) => event === 'recycling')).toBe(false);
  });

  it('that dies meanwhile has its successor in its place', async () => {
    const simulation = await pool({
      workers: inSlot(1, 2, [asks]),
      happenings: [diesByPid(11_500, 103)],
      untilMs: 60_000,
    });
    expect(recycling(simulation.story)).toEqual(['11s start 1/2', '12s started 1/2']);
    expect(servingAt(simulation, 60_000)).toEqual(['1/0', '1/1', '1/2', '1/3']);
  });
});

describe('what happens while a worker is being replaced', () => {
  const slow = { readyAfterMs: 3000 };
  const policy = { readyTimeoutMs: 10_000 };
  const first = { ...asks, readyAfterMs: 0 };
  const others = { readyAfterMs: 0 };

  it('is a deploy: it goes on at once, and nobody waits for the successor of before', async () => {
    const { story } = await pool({
      policy,
      workers: inSlot(1, 2, [first, slow], others),
      happenings: [hup(11_000)],
      untilMs: 60_000,
    });
    expect(since(story, 10_000).filter((line) => /→|hup|deployed|1\/2|all/.test(line))).toEqual([
      '10s start 1/2',
      '11s hup 1',
      '11s deployed 1',
      '11s SIGTERM → 1/2',
      '11s all 4 of 2',
      '11s died 1/2 new',
      ...['1/0', '1/1', '1/2', '1/3'].map((name) => `11s SIGTERM → ${name}`),
      '11s died 1/2 old',
    ]);
  });

  it('is its own death: its successor is under way, and nobody is told of another attempt', async () => {
    const { story, told } = await pool({
      policy,
      workers: inSlot(1, 2, [first, slow], others),
      happenings: [diesByPid(11_000, 103)],
      untilMs: 60_000,
    });
    expect(since(story, 10_000).filter((line) => /1\/2/.test(line))).toEqual([
      '10s start 1/2',
      '11s died 1/2 current',
      '13s started 1/2',
    ]);
    expect(told.map(({ event }) => event)).not.toContain('retry-scheduled');
  });

  it('is a deploy that fails: the successor that was started before takes its place all the same', async () => {
    const simulation = await pool({
      policy,
      workers: (now, attempt) =>
        attempt.generation === 1 ? inSlot1(now, attempt) : { diesAfterMs: 100, status: 256 },
      happenings: [hup(11_000)],
      untilMs: 60_000,
    });
    expect(recycling(simulation.story).filter((line) => /1\/2/.test(line))).toEqual([
      '10s start 1/2',
      '13s started 1/2',
      '13s SIGTERM → 1/2',
    ]);
    expect(servingAt(simulation, 60_000)).toEqual(['1/0', '1/1', '1/2', '1/3']);
  });
  const inSlot1 = inSlot(1, 2, [first, slow], others);

  it('is an upgrade: it waits until the successor has started, or goes on with the next program', async () => {
    const { transcript } = await simulate({
      policy: { intervalMs: 3000 },
      workers: [asks],
      reusesPids: true,
      happenings: [signalAt(11_000, 'SIGUSR2'), signalAt(30_000, 'SIGUSR2')],
      untilMs: 60_000,
    });
    expect(transcript.filter((line) => /recycl|starting|→|taken over|gives/.test(line)).slice(1)).toEqual([
      '10s recycling worker 101: it has asked for it',
      '10s starting new worker 102',
      '13s worker 102 has taken over from worker 101, sending TERM to it',
      '13s SIGTERM → 101',
      '13s gives way',
      '30s gives way',
    ]);
  });

  it('is the next program, which knows that another attempt is due', async () => {
    const { told } = await pool({
      workers: inSlot(1, 2, [asks, { diesAfterMs: 100, status: 256 }, lives]),
      happenings: [signalAt(15_000, 'SIGUSR2')],
      untilMs: 60_000,
    });
    expect(told.filter(({ event }) => /^recycl/.test(event)).map(({ event, atMs }) => [event, atMs])).toEqual(
      [
        ['recycling', 11_000],
        ['recycle-failed', 11_100],
        ['recycling', 21_100],
        ['recycled', 22_100],
      ],
    );
  });

  it('is that fewer are wanted: both of its slot go', async () => {
    const simulation = await pool({
      policy: { killOldDelayMs: 5000 },
      workers: inSlot(1, 3, [asks]),
      happenings: [scaleAt(13_500, { to: 3 })],
      untilMs: 60_000,
    });
    expect(servingAt(simulation, 60_000)).toEqual(['1/0', '1/1', '1/2']);
  });
});

describe('a worker that is to be replaced', () => {
  it('waits until the old ones of a deploy have had their delay', async () => {
    const { story } = await pool({
      policy: { killOldDelayMs: 20_000 },
      workers: inSlot(2, 0, [{ asksAfterMs: 3000 }]),
      happenings: [hup(10_000)],
      untilMs: 60_000,
    });
    expect(since(story, 13_000).filter((line) => /start |SIGTERM → 1\/0/.test(line))).toEqual([
      '32s SIGTERM → 1/0',
      '32s start 2/0',
    ]);
  });

  it('waits for room where no more than so many may live', async () => {
    const lingers = { goesAfterMs: 20_000 };
    const { story } = await pool({
      policy: { surge: 1, workers: 2 },
      workers: (now, attempt) => (attempt.generation === 1 ? lingers : inSlot2(now, attempt)),
      happenings: [hup(5000)],
      untilMs: 90_000,
    });
    const isTurn = (line: string) => /start 2\/|died 1\/|SIGTERM → 2/.test(line);
    expect(story.filter(isTurn)).toEqual([
      '5s start 2/0',
      '26s died 1/0 old',
      '26s start 2/1',
      '47s died 1/1 old',
      '47s start 2/0',
      '48s SIGTERM → 2/0',
    ]);
  });
  const inSlot2 = inSlot(2, 0, [{ asksAfterMs: 22_500 }]);

  it('has a successor of the release that was frozen for it', async () => {
    const directories: (string | undefined)[] = [];
    await simulate({
      freezes: true,
      workers: [asks],
      observer: { spawning: ({ frozen }) => directories.push(frozen?.directory) },
      untilMs: 60_000,
    });
    expect(directories).toEqual(['/release/0', '/release/0']);
  });
});

describe('a superdaemon', () => {
  const wakeUps = async (policy: NonNullable<Scenario['policy']>) => {
    const before = await pool({ policy, untilMs: 100_000 });
    const after = await pool({ policy, untilMs: 200_000 });
    return after.events - before.events;
  };

  it('looks at memory every 10 s when it has to, and is not woken for age before it is due', async () => {
    expect(await wakeUps({})).toBe(0);
    expect(await wakeUps({ maxAgeMs: 1_000_000 })).toBe(0);
    expect(await wakeUps({ maxMemoryBytes: 1_000_000 })).toBe(10);
  });
});

describe('workers of a pool that are too old', () => {
  it('go one at a time, spread over a tenth of their time, and never fewer than all serve', async () => {
    const simulation = await pool({ policy: { maxAgeMs: 100_000 }, untilMs: 104_500 });
    expect(recycling(simulation.story)).toEqual([
      '94.5s start 1/3',
      '95.5s started 1/3',
      '95.5s SIGTERM → 1/3',
      '97s start 1/2',
      '98s started 1/2',
      '98s SIGTERM → 1/2',
      '98.5s start 1/1',
      '99.5s started 1/1',
      '99.5s SIGTERM → 1/1',
      '101s start 1/0',
      '102s started 1/0',
      '102s SIGTERM → 1/0',
    ]);
  });

  it('wait for one that has been told to go and has not gone', async () => {
    const { story } = await pool({
      policy: { maxAgeMs: 100_000 },
      workers: () => ({ goesAfterMs: 30_000 }),
      untilMs: 150_000,
    });
    expect(recycling(story).filter((line) => / start /.test(line))).toEqual([
      '94.5s start 1/3',
      '125.5s start 1/2',
    ]);
  });

  it('are told from those that are too large in two samples', async () => {
    const leaking = { leaksBytes: 1000 };
    const { told } = await pool({
      policy: { maxMemoryBytes: 25_000 },
      workers: inSlot(1, 1, [leaking]),
      untilMs: 60_000,
    });
    expect(told.filter(({ event }) => event === 'recycling')).toMatchObject([
      { atMs: 40_000, worker: 1, reason: 'memory', memoryBytes: 40_000 },
    ]);
  });
});
