// A pool of workers: how it starts, how it is deployed, and what a crash or a broken release costs.

import { describe, expect, it } from 'vitest';
import { failing, inSlot, pool, servingAt, since } from './pool.ts';
import { diesByPid, goesAfter, hup, lives, passes, readyAfter, refuses } from './scenario.ts';

describe('the first start of a pool', () => {
  it('starts so many at once as it may, and says when all have started', async () => {
    const { story } = await pool({});
    expect(story).toEqual([
      '0s start 1/0',
      '0s start 1/1',
      '1s started 1/0',
      '1s started 1/1',
      '1s start 1/2',
      '1s start 1/3',
      '2s started 1/2',
      '2s started 1/3',
      '2s all 4 of 1',
    ]);
  });

  it('lists each worker that has started in the status file, under the one number', async () => {
    const { transcript } = await pool({});
    expect(transcript.filter((line) => line.includes('status file')).at(-1)).toBe(
      '2s status file 1:101 1:102 1:103 1:104',
    );
  });

  it('is given up when one slot fails as often as it may, and all others are told to go', async () => {
    const { story, outcome } = await pool({ workers: inSlot(1, 3, failing(3)) });
    expect(since(story, 3100).slice(0, 5)).toEqual([
      '3.1s failed 1/3',
      '3.1s start given up: worker 3',
      '3.1s SIGTERM → 1/0',
      '3.1s SIGTERM → 1/1',
      '3.1s SIGTERM → 1/2',
    ]);
    expect(outcome).toEqual({
      kind: 'never-started',
      reason: 'giving up after 3 attempts of worker 3: worker 106 ended with exit status 1',
    });
  });

  it('leaves those alone that outlived another superdaemon when it is given up', async () => {
    const { transcript, outcome } = await pool({
      survivors: { last: 97, workers: [{ generation: 96 }, { generation: 97 }] },
      workers: inSlot(98, 0, failing(3)),
    });
    expect(outcome?.kind).toBe('never-started');
    expect(transcript.filter((line) => /→ 19[67]|19[67] died/.test(line))).toEqual([]);
    expect(transcript.at(-1)).toMatch(/status file 96:196 97:197$/);
  });

  it('has those that outlived another superdaemon serve until all of it has started', async () => {
    const survivors = { last: 97, workers: [{ generation: 97 }] };
    const { transcript } = await pool({ survivors, workers: inSlot(98, 3, failing(2)) });
    expect(transcript.filter((line) => line.includes('→'))).toEqual(['4s SIGTERM → 197']);
  });
});

describe('a deploy of a pool', () => {
  it('tells no old worker to go before all new ones have started, and then all of them', async () => {
    const { story } = await pool({ happenings: [hup(10_000)] });
    expect(since(story, 10_000).slice(0, 14)).toEqual([
      '10s hup 1',
      '10s start 2/0',
      '10s start 2/1',
      '11s started 2/0',
      '11s started 2/1',
      '11s start 2/2',
      '11s start 2/3',
      '12s started 2/2',
      '12s started 2/3',
      '12s deployed 1',
      '12s SIGTERM → 1/0',
      '12s SIGTERM → 1/1',
      '12s SIGTERM → 1/2',
      '12s SIGTERM → 1/3',
    ]);
  });

  it('names all old workers, and afterwards all of the new ones', async () => {
    const { told } = await pool({ happenings: [hup(10_000)] });
    expect(told.find(({ event }) => event === 'deployed')).toMatchObject({
      generation: 2,
      oldPids: [101, 102, 103, 104],
      leaving: [101, 102, 103, 104],
    });
    expect(told.findLast(({ event }) => event === 'all-started')).toMatchObject({
      generation: 2,
      workers: 4,
    });
  });

  it('is checked once, and bears one number whatever fails', async () => {
    const { story } = await pool({
      policy: { hasCheck: true },
      checks: [passes(), passes(300)],
      workers: inSlot(2, 1, failing(1)),
      happenings: [hup(10_000)],
    });
    expect(since(story, 10_000).filter((line) => /check|start /.test(line))).toEqual([
      '10s check 2',
      '10.3s start 2/0',
      '10.3s start 2/1',
      '10.4s start 2/2',
      '11.3s start 2/1',
      '11.4s start 2/3',
    ]);
  });

  it('makes a worker that says so count as started at that moment, whatever the others do', async () => {
    const { story } = await pool({
      policy: { readyTimeoutMs: 10_000 },
      workers: inSlot(2, 2, [readyAfter(3000)], readyAfter(10)),
      happenings: [hup(10_000)],
    });
    expect(since(story, 10_010).filter((line) => /started|deployed/.test(line))).toEqual([
      '10.01s started 2/0',
      '10.01s started 2/1',
      '10.02s started 2/3',
      '13.01s started 2/2',
      '13.01s deployed 1',
    ]);
  });

  it('takes no message of a predecessor in the same slot for its own', async () => {
    const late = { readyAfterMs: 1500, goesAfterMs: 5000 };
    const { story } = await pool({
      policy: { readyTimeoutMs: 1000 },
      workers: inSlot(2, 0, [late, readyAfter(900)], readyAfter(10)),
      happenings: [hup(10_000)],
    });
    expect(story.filter((line) => /started 2\/0/.test(line))).toEqual(['11.9s started 2/0']);
  });
});

describe('a deploy of a pool in which one slot fails as often as it may', () => {
  const policy = { signalOnHup: 'SIGQUIT', signalOnTerm: 'SIGUSR1' } as const;

  it('is given up: those that have started go by the one signal, the others by the other', async () => {
    const slot = inSlot(2, 1, failing(3), goesAfter(50));
    const { story, told } = await pool({
      policy: { ...policy, intervalMs: 1000 },
      workers: (now, attempt) =>
        now > 0 && attempt.place?.worker === 3 ? goesAfter(50) : slot(now, attempt),
      happenings: [hup(10_000)],
    });
    expect(since(story, 12_050).slice(0, 6)).toEqual([
      '12.1s failed 2/1',
      '12.1s given up 1: worker 1, 1 keeps',
      '12.1s SIGUSR1 → 2/3',
      '12.1s SIGQUIT → 2/0',
      '12.1s SIGQUIT → 2/2',
      '12.15s died 2/3 new',
    ]);
    expect(told.find(({ event }) => event === 'given-up')).toMatchObject({
      worker: 1,
      attempts: 3,
      keeps: 1,
    });
  });

  it('leaves the old ones untouched', async () => {
    const simulation = await pool({ workers: inSlot(2, 2, failing(3)), happenings: [hup(10_000)] });
    expect(servingAt(simulation, 60_000)).toEqual(['1/0', '1/1', '1/2', '1/3']);
  });

  it('is given up for no sum of failures in several slots', async () => {
    const one = inSlot(2, 1, failing(2));
    const { story } = await pool({
      workers: (now, attempt) => (attempt.place?.worker === 2 ? inTwo(now, attempt) : one(now, attempt)),
      happenings: [hup(10_000)],
    });
    expect(story.filter((line) => /given up|deployed/.test(line))).toEqual(['13.1s deployed 1']);
  });
  const inTwo = inSlot(2, 2, failing(2));

  it('counts workers that start and die before all have started', async () => {
    const soon = { readyAfterMs: 0, diesAfterMs: 200 };
    const { story } = await pool({
      policy: { readyTimeoutMs: 60_000 },
      workers: (_now, { generation, place }) => {
        if (generation === 1) return readyAfter(0);
        return place?.worker === 3 ? lives : place?.worker === 1 ? soon : readyAfter(0);
      },
      happenings: [hup(10_000)],
      untilMs: 60_000,
    });
    expect(story.filter((line) => /given up/.test(line))).toEqual(['12.2s given up 1: worker 1, 1 keeps']);
  });

  it('is tried anew by the next HUP, with the next number and all attempts', async () => {
    const { story } = await pool({
      workers: (now, attempt) =>
        now < 30_000 ? broken(now, attempt) : attempt.generation === 3 ? mended(now, attempt) : lives,
      happenings: [hup(10_000), hup(30_000)],
    });
    expect(story.filter((line) => /given up|deployed/.test(line))).toEqual([
      '13.1s given up 1: worker 2, 1 keeps',
      '34s deployed 2',
    ]);
  });
  const broken = inSlot(2, 2, failing(3));
  const mended = inSlot(3, 2, failing(2));
});

describe('a crash in a pool', () => {
  it('has that slot filled at once, under the same number, and touches nobody else', async () => {
    const { story } = await pool({ happenings: [diesByPid(10_000, 102)] });
    expect(since(story, 10_000)).toEqual([
      '10s died 1/1 current',
      '10s start 1/1',
      '11s started 1/1',
      '11s all 4 of 1',
    ]);
  });

  it('asks no check', async () => {
    const { story } = await pool({
      policy: { hasCheck: true },
      checks: [passes(), refuses('bad config')],
      happenings: [diesByPid(10_000, 102)],
    });
    expect(story.filter((line) => line.includes('check'))).toEqual(['0s check 1']);
  });

  it('is never given up: after as many failures as a deploy may have it is told, and tried on', async () => {
    const { story } = await pool({
      policy: { backoffMs: 60_000 },
      workers: inSlot(1, 1, [lives, ...failing(5)]),
      happenings: [diesByPid(10_000, 102)],
    });
    expect(since(story, 10_000).filter((line) => /start |keeps|all/.test(line))).toEqual([
      '10s start 1/1',
      '11.5s start 1/1',
      '13.75s start 1/1',
      '13.85s keeps failing 1/1',
      '17.125s start 1/1',
      '22.1875s start 1/1',
      '29.78125s start 1/1',
      '30.78125s all 4 of 1',
    ]);
  });

  it('does not keep another slot waiting', async () => {
    const { story } = await pool({
      workers: inSlot(1, 1, [lives, ...failing(3)]),
      happenings: [diesByPid(10_000, 102), diesByPid(10_050, 103)],
    });
    expect(since(story, 10_000)).toContain('10.05s start 1/2');
  });
});
