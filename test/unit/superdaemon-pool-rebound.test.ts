import { describe, expect, it } from 'vitest';
import { fails, inSlot, pool, since } from './pool.ts';
import { diesByPid, hup, lives, refuses, scaleAt, type WorkerScript } from './scenario.ts';

const alone: WorkerScript = { rebinds: true };
const deploys = (story: readonly string[]) =>
  story.filter((line) => / (hup|alone|deployed|refused)/.test(line));

describe('a socket that is bound anew for one worker of a pool', () => {
  it('reaches the others by a deploy, once', async () => {
    const { story } = await pool({
      workers: inSlot(1, 2, [lives, alone]),
      happenings: [diesByPid(10_000, 103)],
    });
    expect(since(story, 10_000).slice(0, 6)).toEqual([
      '10s died 1/2 current',
      '10s start 1/2',
      '10s alone 1/2',
      '10s hup 1',
      '10s start 2/0',
      '11s started 1/2',
    ]);
    expect(deploys(since(story, 10_000))).toEqual(['10s alone 1/2', '10s hup 1', '13s deployed 1']);
  });

  it('reaches those that serve, where scaling has added it', async () => {
    const { story } = await pool({
      workers: inSlot(1, 4, [alone]),
      happenings: [scaleAt(10_000, { by: 1 })],
    });
    expect(deploys(since(story, 10_000))).toEqual(['10s alone 1/4', '10s hup 1', '13s deployed 1']);
  });

  it('is everybody’s where it was bound for the first of a deploy', async () => {
    const { story } = await pool({ workers: inSlot(2, 0, [alone]), happenings: [hup(10_000)] });
    expect(deploys(since(story, 10_000))).toEqual(['10s hup 1', '12s deployed 1']);
  });

  it('is everybody’s where nobody else lives', async () => {
    const { story } = await pool({
      policy: { workers: 1 },
      workers: inSlot(1, 0, [lives, alone]),
      happenings: [diesByPid(10_000, 101)],
    });
    expect(deploys(since(story, 10_000))).toEqual([]);
  });

  it('asks for no deploy while a worker removes it again and again during one', async () => {
    const { story } = await pool({
      workers: (_now, { generation }) => (generation === 2 ? alone : lives),
      happenings: [hup(10_000)],
    });
    expect(deploys(since(story, 10_000))).toEqual(['10s hup 1', '12s deployed 1']);
  });

  it('stays with it alone where the release is broken, until the next deploy', async () => {
    const { story } = await pool({
      policy: { hasCheck: true },
      checks: [{}, refuses('broken')],
      workers: inSlot(1, 2, [lives, alone, fails]),
      happenings: [diesByPid(10_000, 103), hup(20_000)],
    });
    expect(deploys(since(story, 10_000))).toEqual([
      '10s alone 1/2',
      '10s hup 1',
      '10s refused 1',
      '20s hup 2',
      '22s deployed 2',
    ]);
  });
});
