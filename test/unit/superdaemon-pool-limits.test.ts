import { describe, expect, it } from 'vitest';
import { failing, inSlot, pool, since } from './pool.ts';
import { diesByPid, goesAfter, hup, ignoresSignals, term } from './scenario.ts';
import { simulate } from './simulated-host.ts';

describe('a worker of a pool that does not go', () => {
  it('is killed when its own time is up, and the others are not', async () => {
    const scripts = [goesAfter(2000), ignoresSignals, goesAfter(500), ignoresSignals];
    const { told } = await pool({
      policy: { killOldTimeoutMs: 5000 },
      workers: (_now, { generation, place }) => (generation === 1 && scripts[place?.worker ?? 0]) || {},
      happenings: [hup(10_000)],
    });
    const killed = told.filter(({ event }) => event === 'worker-killed');
    expect(killed).toMatchObject([
      { atMs: 17_000, worker: 1 },
      { atMs: 17_000, worker: 3 },
    ]);
  });

  it('is killed at a stop when its time is up, and the superdaemon ends then', async () => {
    const { told, outcome } = await simulate({
      policy: { workers: 3, startAtOnce: 3, stopTimeoutMs: 4000 },
      workers: (_now, { place }) => (place?.worker === 1 ? ignoresSignals : {}),
      happenings: [term(10_000)],
    });
    expect(told.filter(({ event }) => event === 'worker-killed')).toMatchObject([
      { atMs: 14_000, worker: 1 },
    ]);
    expect(outcome).toEqual({ kind: 'stopped' });
  });
});

describe('auto restart of a pool', () => {
  it('is a deploy: all new ones start before any old one goes', async () => {
    const { story } = await pool({ policy: { autoRestartIntervalMs: 30_000 }, untilMs: 40_000 });
    const deployed = since(story, 20_000);
    const [turn, ...goes] = deployed.filter((line) => /deployed|SIGTERM/.test(line));
    expect(deployed.filter((line) => / started 2\//.test(line)).length).toBe(4);
    expect(turn).toMatch(/deployed 1$/);
    expect(goes.map((line) => line.replace(/^\S+ /, ''))).toEqual(
      [0, 1, 2, 3].map((slot) => `SIGTERM → 1/${slot}`),
    );
  });
});

describe('what failed in a slot before its deploy succeeded', () => {
  it('does not keep the worker that has started there from being replaced at once', async () => {
    const { story } = await pool({
      policy: { workers: 2, maxStartAttempts: 0, backoffMs: 60_000 },
      workers: inSlot(2, 0, failing(3)),
      happenings: [hup(10_000), diesByPid(18_200, 107)],
      untilMs: 25_000,
    });
    const [last] = since(story, 18_000).filter((line) => line.includes('died 2/0'));
    expect(last).toBe('18.2s died 2/0 current');
    expect(since(story, 18_200).filter((line) => line.includes('start 2/0'))).toEqual(['18.2s start 2/0']);
  });
});
