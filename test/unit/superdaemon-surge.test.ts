// --surge: a deploy goes from slot to slot, and no more than so many workers live meanwhile.

import { describe, expect, it } from 'vitest';
import { failing, inSlot, type PoolSimulation, pool, servingAt, since } from './pool.ts';
import { diesByPid, goesAfter, hup, lives, type Scenario, scaleAt, signalAt, term } from './scenario.ts';

const surge = { surge: 1 };

/** The most that lived at any time from then on, and the fewest that served. */
function extremes({ told }: PoolSimulation, sinceMs: number): { most: number; fewest: number } {
  const living = new Set<number>();
  const serving = new Set<number>();
  let [most, fewest] = [0, Number.POSITIVE_INFINITY];
  for (const entry of told) {
    if (entry.event === 'worker-starting') living.add(entry.pid);
    if (entry.event === 'worker-started') serving.add(entry.pid);
    if (entry.event === 'worker-signalled') serving.delete(entry.pid);
    if (entry.event === 'worker-died' || entry.event === 'worker-failed-to-start') living.delete(entry.pid);
    if (entry.atMs < sinceMs) continue;
    most = Math.max(most, living.size);
    fewest = Math.min(fewest, serving.size);
  }
  return { most, fewest };
}

const deploy = (scenario: Scenario = {}) => pool({ policy: surge, happenings: [hup(10_000)], ...scenario });

describe('a deploy with a surge of one', () => {
  it('goes from slot to slot: each new worker lets its old one go, and makes room for the next', async () => {
    const { story } = await deploy({ policy: { ...surge, workers: 2 } });
    expect(since(story, 10_000)).toEqual([
      '10s hup 1',
      '10s start 2/0',
      '11s started 2/0',
      '11s rolled 2/0',
      '11s SIGTERM → 1/0',
      '11s died 1/0 old',
      '11s start 2/1',
      '12s started 2/1',
      '12s deployed 1',
      '12s SIGTERM → 1/1',
      '12s all 2 of 2',
      '12s died 1/1 old',
    ]);
  });

  it('spares no old one of another slot because a new one dies: each has its own delay', async () => {
    const { story } = await deploy({
      policy: { surge: 2, workers: 3, killOldDelayMs: 5000, readyTimeoutMs: 60_000 },
      workers: inSlot(2, 0, [{ readyAfterMs: 0, diesAfterMs: 2000, status: 256 }], { readyAfterMs: 0 }),
    });
    expect(story).toContain('15s SIGTERM → 1/1');
  });

  it('has at most one worker more at any time, and never fewer that serve', async () => {
    const simulation = await deploy({ policy: { ...surge, workers: 8 }, workers: () => goesAfter(300) });
    expect(extremes(simulation, 10_000)).toEqual({ most: 9, fewest: 8 });
    expect(servingAt(simulation, 60_000)).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((slot) => `2/${slot}`));
  });

  it('has no more beside a worker that is being recycled, whose successor has started', async () => {
    const asks = { asksAfterMs: 8000 };
    const simulation = await deploy({
      policy: { ...surge, killOldDelayMs: 5000 },
      workers: inSlot(1, 3, [asks]),
      happenings: [hup(12_000)],
    });
    expect(since(simulation.story, 10_000).slice(0, 5)).toEqual([
      '10s started 1/3',
      '12s hup 1',
      '15s SIGTERM → 1/3',
      '15s died 1/3 old',
      '15s start 2/0',
    ]);
    expect(extremes(simulation, 9000)).toEqual({ most: 5, fewest: 4 });
    expect(servingAt(simulation, 60_000)).toEqual(['2/0', '2/1', '2/2', '2/3']);
  });

  it('gives each old worker its delay, and stands still meanwhile', async () => {
    const { story } = await deploy({ policy: { ...surge, workers: 2, killOldDelayMs: 5000 } });
    expect(story.filter((line) => /rolled|start 2|SIGTERM/.test(line))).toEqual([
      '10s start 2/0',
      '16s rolled 2/0',
      '16s SIGTERM → 1/0',
      '16s start 2/1',
      '22s SIGTERM → 1/1',
    ]);
  });

  it('that fails stops where it is, and the capacity stays', async () => {
    const simulation = await deploy({ workers: inSlot(2, 2, failing(3)) });
    expect(simulation.transcript).toContain(
      '14.1s giving up after 3 attempts of worker 2, 2 of 4 workers are of generation 2, generation 1 keeps the rest',
    );
    expect(servingAt(simulation, 60_000)).toEqual(['1/2', '1/3', '2/0', '2/1']);
    expect(extremes(simulation, 10_000)).toEqual({ most: 5, fewest: 4 });
  });

  it('goes on to one generation with the next HUP, wherever it has stopped', async () => {
    const simulation = await deploy({
      workers: inSlot(2, 2, failing(3)),
      happenings: [hup(10_000), hup(20_000)],
    });
    expect(servingAt(simulation, 60_000)).toEqual(['3/0', '3/1', '3/2', '3/3']);
    expect(extremes(simulation, 10_000)).toEqual({ most: 5, fewest: 4 });
  });

  it('half-way leaves each crash to the generation that the slot has', async () => {
    const simulation = await deploy({
      workers: inSlot(2, 2, failing(3)),
      happenings: [hup(10_000), diesByPid(20_000, 105), diesByPid(21_000, 104), signalAt(25_000, 'SIGUSR2')],
    });
    expect(since(simulation.story, 20_000).filter((line) => line.includes('start '))).toEqual([
      '20s start 2/0',
      '21s start 1/3',
    ]);
    expect(servingAt(simulation, 60_000)).toEqual(['1/2', '1/3', '2/0', '2/1']);
  });

  it('half-way can be scaled', async () => {
    const simulation = await deploy({
      workers: inSlot(2, 2, failing(3)),
      happenings: [hup(10_000), scaleAt(20_000, { to: 1 }), scaleAt(30_000, { to: 5 })],
    });
    expect(servingAt(simulation, 29_000)).toEqual(['2/0']);
    expect(servingAt(simulation, 60_000)).toEqual(['1/2', '1/3', '1/4', '2/0', '2/1']);
  });

  it('keeps the old worker of a slot that scaling down and up again, in its delay, has left without the new one', async () => {
    const simulation = await deploy({
      policy: { ...surge, killOldDelayMs: 5000 },
      happenings: [hup(10_000), scaleAt(33_000, { to: 3 }), scaleAt(33_500, { to: 4 })],
      workers: inSlot(2, 3, [lives, ...failing(2)]),
    });
    expect(since(simulation.story, 33_000)).toEqual([
      '33s scaled 4 to 3',
      '33s SIGTERM → 2/3',
      '33s all 3 of 2',
      '33s died 2/3 old',
      '33.5s scaled 3 to 4',
      '33.5s start 2/3',
      '33.6s failed 2/3',
      '34.5s start 2/3',
      '34.6s failed 2/3',
      '35.5s start 2/3',
      '36.5s started 2/3',
      '36.5s deployed by itself',
      '36.5s all 4 of 2',
      '41.5s SIGTERM → 1/3',
      '41.5s died 1/3 old',
    ]);
    expect(extremes(simulation, 10_000)).toEqual({ most: 5, fewest: 4 });
  });

  it('fills the slot of a worker that crashes meanwhile before any other', async () => {
    const { story } = await deploy({ happenings: [hup(10_000), diesByPid(10_500, 104)] });
    expect(since(story, 10_500).slice(0, 2)).toEqual(['10.5s died 1/3 old', '10.5s start 2/3']);
  });

  it('keeps the old worker of a slot whose new one dies in the delay', async () => {
    const simulation = await deploy({
      policy: { ...surge, killOldDelayMs: 5000 },
      happenings: [hup(10_000), diesByPid(12_000, 105)],
    });
    expect(since(simulation.story, 12_000).slice(0, 4)).toEqual([
      '12s died 2/0 current',
      '12s start 2/0',
      '13s started 2/0',
      '18s rolled 2/0',
    ]);
    expect(extremes(simulation, 10_000)).toEqual({ most: 5, fewest: 4 });
  });

  it('lets a canary have its say before the first old worker goes', async () => {
    const { story } = await deploy({ policy: { ...surge, canaryMs: 5000 } });
    expect(since(story, 10_000).slice(0, 6)).toEqual([
      '10s hup 1',
      '10s start 2/0',
      '11s started 2/0',
      '11s canary 2/0',
      '16s passed 2/0',
      '16s rolled 2/0',
    ]);
  });

  it('is no limit for the first start, and none for the end', async () => {
    const { story } = await pool({ policy: surge, happenings: [term(10_000)] });
    expect(story.filter((line) => /start 1/.test(line)).slice(0, 2)).toEqual([
      '0s start 1/0',
      '0s start 1/1',
    ]);
    expect(since(story, 10_000).filter((line) => line.includes('SIGTERM'))).toHaveLength(4);
  });
});
