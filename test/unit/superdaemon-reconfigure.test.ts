import { describe, expect, it } from 'vitest';
import type { Attempt, Policy } from '../../src/superdaemon/host.ts';
import {
  diesAfter,
  diesByPid,
  type Happening,
  hup,
  lives,
  type Scenario,
  type SpawnScript,
  term,
} from './scenario.ts';
import { simulate } from './simulated-host.ts';

const reconfigure = (atMs: number, request = 7) => ({ atMs, reconfigure: request });

async function from(atMs: number, scenario: Scenario): Promise<string[]> {
  const { transcript } = await simulate(scenario);
  return transcript.filter((line) => Number.parseFloat(line) >= atMs / 1000);
}

/** The ordinals of the deploys that workers are spawned for, in order. */
async function spawnedFor(scenario: Scenario): Promise<number[]> {
  const ordinals: number[] = [];
  await simulate({ ...scenario, observer: { spawning: ({ ordinal }) => void ordinals.push(ordinal) } });
  return ordinals;
}

describe('another command line', () => {
  it('is deployed by the next program, and the old one is over with its last worker', async () => {
    const workers = [{ ...lives, goesAfterMs: 2000 }, lives];
    expect(await from(5000, { workers, happenings: [reconfigure(5000)] })).toEqual([
      '5s a client has new options, replacing this program by the one on the disk',
      '5s proof of new',
      '5s gives way',
      '5s status file 1:101',
      '5s received HUP, spawning a new worker',
      '5s starting new worker 102',
      '6s status file 1:101 2:102',
      '6s new worker is now running, sending TERM to old workers:101',
      '6s killing old workers',
      '6s SIGTERM → 101',
      '8s old worker 101 died, status:0',
      '8s outdates what is before deploy 2',
      '8s status file 2:102',
    ]);
  });

  it('that is refused changes nothing, and the next one has its turn', async () => {
    const proofs = [{ refusal: '--port=80: cannot listen' }];
    const lines = await from(5000, { proofs, happenings: [reconfigure(5000), reconfigure(6000)] });
    expect(lines.slice(0, 4)).toEqual([
      '5s a client has new options, replacing this program by the one on the disk',
      '5s proof of new',
      '5s cannot be replaced, going on: --port=80: cannot listen',
      '6s a client has new options, replacing this program by the one on the disk',
    ]);
    expect(lines).toContain('6s gives way');
  });

  it('is asked for by one client at a time: the second is told so', async () => {
    const { told } = await simulate({
      proofs: [{ endsAfterMs: 1000 }],
      happenings: [reconfigure(5000), reconfigure(5500, 8)],
    });
    const refused = told.filter(({ event }) => event === 'request-refused');
    expect(refused).toMatchObject([{ request: 8, reason: 'another client is changing the options' }]);
    expect(told.filter(({ event }) => event === 'request-accepted')).toMatchObject([{ request: 7 }]);
  });

  it('ends a crash loop, though no worker lives as long as the trial takes', async () => {
    const { transcript } = await simulate({
      policy: { intervalMs: 0 },
      workers: (nowMs) => (nowMs < 5000 ? diesAfter(50) : lives),
      proofs: [{ endsAfterMs: 220 }],
      happenings: [reconfigure(4000)],
    });
    const lines = transcript.filter((line) => /proof|gives way|HUP/.test(line));
    expect(lines).toEqual([
      '4s proof of new',
      '4.25s gives way',
      '4.25s received HUP, spawning a new worker',
    ]);
  });

  it('is tried instead of the program alone that is being tried, and once more after a deploy comes between', async () => {
    const proofs = [{ endsAfterMs: 1000 }, { endsAfterMs: 1000 }];
    const happenings = [{ atMs: 5000, signal: 'SIGUSR2' as const }, reconfigure(5500), hup(6000)];
    const lines = await from(5000, { proofs, happenings });
    expect(lines.filter((line) => /proof|gives way/.test(line))).toEqual([
      '5s proof',
      '5.5s proof cancelled',
      '5.5s proof of new',
      '6s proof cancelled',
      '7s proof of new',
      '7s gives way',
    ]);
  });

  it('whose deploy fails leaves the old one in force: who replaces a dead worker belongs to its deploy', async () => {
    const policy = { maxStartAttempts: 2 };
    const workers = [lives, diesAfter(10), diesAfter(10), lives];
    const happenings = [reconfigure(5000), { atMs: 20_000, dies: -1, status: 9 }];
    const lines = await from(5000, { policy, workers, happenings });
    expect(lines.join('\n')).toContain('giving up after 2 attempts, generation 1 keeps serving');
    expect(lines.join('\n')).not.toContain('outdates');
    expect(await spawnedFor({ policy, workers, happenings })).toEqual([1, 2, 2, 1]);
  });

  it('scales the pool to what it says once it is deployed, and not if that fails: it belongs to its own workers', async () => {
    const pool = (nowMs: number): Partial<Policy> => {
      return { workers: nowMs < 5000 ? 2 : 4, startAtOnce: 4, maxStartAttempts: 1 };
    };
    const happenings = [reconfigure(5000)];
    expect(await spawnedFor({ policy: pool, happenings })).toEqual([1, 1, 2, 2, 2, 2]);
    const onlyOld = (_: number, { ordinal }: Attempt): SpawnScript => (ordinal === 1 ? lives : diesAfter(10));
    expect(await spawnedFor({ policy: pool, workers: onlyOld, happenings })).toEqual([1, 1, 2, 2]);
  });

  describe.each([
    ['is given up', 1],
    ['is tried for ever', 0],
  ])('with fewer workers, whose deploy %s,', (_, maxStartAttempts) => {
    const fourToOne = (nowMs: number): Partial<Policy> => {
      return { workers: nowMs < 5000 ? 4 : 1, startAtOnce: 4, maxStartAttempts };
    };
    const mendedAt = (atMs: number) => {
      return (nowMs: number, { ordinal }: Attempt) =>
        ordinal === 1 || nowMs >= atMs ? lives : diesAfter(10);
    };
    const resizes = async (...happenings: Happening[]) => {
      const workers = mendedAt(40_000);
      const all = [reconfigure(5000), ...happenings, term(60_000)];
      const { told } = await simulate({ policy: fourToOne, workers, happenings: all, reusesPids: true });
      return told.flatMap((entry) => (entry.event === 'scaled' ? [[entry.from, entry.to]] : []));
    };

    it('takes none from the pool that serves on, whose dead are made up for', async () => {
      const sizes: number[] = [];
      const observer = {
        published: (generations: readonly { worker?: number | undefined }[], nowMs: number) => {
          if (nowMs >= 20_000 && nowMs < 50_000)
            sizes.push(new Set(generations.map(({ worker }) => worker)).size);
        },
      };
      const happenings = [reconfigure(5000), diesByPid(20_000, 103)];
      await simulate({ policy: fourToOne, workers: mendedAt(90_000), happenings, observer });
      expect([...new Set(sizes)]).toEqual([3, 4]);
    });

    it('takes them once a later deploy of it succeeds, whatever program runs then', async () => {
      const again = [{ atMs: 30_000, signal: 'SIGUSR2' as const }, hup(40_000)];
      expect(await resizes(...again)).toEqual([[4, 1]]);
    });

    it('is scaled at once meanwhile, as is what it brings', async () => {
      const less = { atMs: 10_000, signal: 'SIGTTOU' as const };
      const more = { atMs: 20_000, scale: { by: 2 }, number: 4 };
      expect(await resizes(less, more, hup(40_000))).toEqual([
        [4, 3],
        [3, 5],
        [5, 3],
      ]);
      expect(await resizes({ ...more, scale: { to: 2 } }, hup(40_000))).toEqual([[4, 2]]);
    });
  });

  it('leaves scaling alone where the number of workers is not what changes', async () => {
    const scaled = { atMs: 3000, scale: { to: 3 }, number: 4 };
    const happenings = [scaled, reconfigure(5000), term(60_000)];
    const { told } = await simulate({ policy: { workers: 2, startAtOnce: 4 }, happenings });
    expect(told.filter(({ event }) => event === 'scaled')).toMatchObject([{ from: 2, to: 3 }]);
    expect(told.filter(({ event }) => event === 'all-started').at(-1)).toMatchObject({ workers: 3 });
  });

  it('makes a pool of one worker: the old one is none of its slots', async () => {
    const policy = from5s({ workers: undefined }, { workers: 2, startAtOnce: 2 });
    const lines = await from(5000, { policy, happenings: [reconfigure(5000)] });
    expect(lines.filter((line) => /worker|TERM/.test(line))).toEqual([
      '5s received HUP, spawning a new worker',
      '5s starting new worker 102',
      '6s new worker is now running, sending TERM to old workers:101',
      '6s killing old workers',
      '6s SIGTERM → 101',
      '6s scaling from 1 to 2 workers',
      '6s starting new worker 103',
      '6s old worker 101 died, status:0',
      '7s all 2 workers of generation 2 have started',
    ]);
  });

  it('makes one worker of a pool, which serves on until that has started', async () => {
    const policy = from5s({ workers: 3, startAtOnce: 3 }, { workers: undefined });
    const places: (Attempt['place'] | 'none')[] = [];
    const observer = { spawning: ({ place }: Attempt) => void places.push(place ?? 'none') };
    const happenings = [reconfigure(5000)];
    const lines = await from(5000, { policy, happenings, observer, reusesPids: true });
    expect(places.slice(3)).toEqual(['none']);
    expect(lines.filter((line) => /worker|status file/.test(line)).slice(0, 7)).toEqual([
      '5s status file 1:101 1:102 1:103',
      '5s received HUP, spawning a new worker',
      '5s starting new worker 104',
      '6s status file 1:101 1:102 1:103 2:104',
      '6s new worker is now running, sending TERM to old workers:101,102,103',
      '6s killing old workers',
      '6s scaling from 3 to 1 workers',
    ]);
    expect(lines.at(-1)).toBe('6s status file 2:104');
  });

  it('leaves a pool as large as it was where its single worker does not start', async () => {
    const policy = from5s({ workers: 3, startAtOnce: 3 }, { workers: undefined, maxStartAttempts: 2 });
    const workers = (_: number, { ordinal }: Attempt): SpawnScript => (ordinal === 1 ? lives : diesAfter(10));
    const happenings = [reconfigure(5000), { atMs: 20_000, dies: -1, status: 9 }];
    const { told } = await simulate({ policy, workers, happenings, reusesPids: true });
    expect(told.filter(({ event }) => event === 'scaled')).toEqual([]);
    expect(told.findLast(({ event }) => event === 'worker-started')).toMatchObject({ worker: 2 });
  });

  it('leaves one worker alone where its pool does not start, and it cannot be scaled', async () => {
    const policy = from5s({ workers: undefined }, { workers: 3, maxStartAttempts: 2 });
    const workers = (_: number, { ordinal }: Attempt): SpawnScript => (ordinal === 1 ? lives : diesAfter(10));
    const happenings = [
      reconfigure(5000),
      { atMs: 20_000, scale: { to: 5 }, number: 9 },
      { atMs: 30_000, dies: -1, status: 9 },
    ];
    const { told } = await simulate({ policy, workers, happenings, reusesPids: true });
    expect(told).toContainEqual(
      expect.objectContaining({ request: 9, reason: 'its worker was started without --workers' }),
    );
    expect(told.filter(({ event }) => event === 'scaled')).toEqual([]);
    expect(told.findLast(({ event }) => event === 'worker-started')).not.toHaveProperty('worker');
  });

  it('goes from two workers to four and on to one, and back', async () => {
    const sizes = [2, 4, undefined, 2] as const;
    const policy = (nowMs: number): Partial<Policy> => {
      return { workers: sizes[Math.min(3, Math.floor(nowMs / 10_000))], startAtOnce: 4 };
    };
    const happenings = [10_000, 20_000, 30_000].map((atMs, index) => reconfigure(atMs, index));
    const sizesSeen: number[] = [];
    const observer = {
      published: (generations: readonly unknown[], nowMs: number) => {
        sizesSeen[Math.floor(nowMs / 10_000)] = generations.length;
      },
    };
    await simulate({ policy, happenings, observer, reusesPids: true });
    expect(sizesSeen).toEqual([2, 4, 1, 2]);
  });
});

function from5s(before: Partial<Policy>, after: Partial<Policy>) {
  return (nowMs: number): Partial<Policy> => (nowMs < 5000 ? before : after);
}
