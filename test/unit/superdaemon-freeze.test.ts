// --freeze: what a deploy looks up with its first attempt all of its workers get.

import { describe, expect, it } from 'vitest';
import { POOL } from './pool.ts';
import { dies, diesAfter, diesByPid, hup, lives, type Scenario, scaleAt, signalAt } from './scenario.ts';
import { simulate } from './simulated-host.ts';

/** `GENERATION/SLOT in DIRECTORY` of each spawn. */
async function spawns(scenario: Scenario): Promise<string[]> {
  const { told } = await simulate({ freezes: true, ...scenario });
  return told.flatMap((entry) =>
    entry.event === 'worker-starting'
      ? [`${entry.generation}/${entry.worker ?? 0} in ${entry.directory}`]
      : [],
  );
}

describe('a frozen deploy', () => {
  it('gives what it has looked up to the worker that makes up for a crash, too', async () => {
    expect(await spawns({ happenings: [hup(10_000), dies(20_000, 2)], untilMs: 30_000 })).toEqual([
      '1/0 in /release/0',
      '2/0 in /release/10000',
      '3/0 in /release/10000',
    ]);
  });

  it('looks nothing up anew when its first attempts fail', async () => {
    const workers = [lives, diesAfter(100), lives];
    expect(await spawns({ workers, happenings: [hup(10_000)], untilMs: 30_000 })).toEqual([
      '1/0 in /release/0',
      '2/0 in /release/10000',
      '3/0 in /release/10000',
    ]);
  });

  it('gives it to the workers that scaling adds and to replacements, over an upgrade', async () => {
    const happenings = [
      hup(10_000),
      signalAt(20_000, 'SIGUSR2'),
      diesByPid(30_000, 104),
      scaleAt(40_000, { to: 3 }),
    ];
    const policy = { ...POOL, workers: 2 };
    expect(await spawns({ policy, happenings, untilMs: 60_000 })).toEqual([
      '1/0 in /release/0',
      '1/1 in /release/0',
      '2/0 in /release/10000',
      '2/1 in /release/10000',
      '2/1 in /release/10000',
      '2/2 in /release/10000',
    ]);
  });

  it('says once what it has looked up', async () => {
    const { transcript } = await simulate({ freezes: true, happenings: [dies(10_000, 1)], untilMs: 30_000 });
    expect(transcript.filter((line) => line.includes('frozen'))).toEqual([
      '0s generation 1 is frozen: directory /release/0, 0 variables of the envdir',
    ]);
  });
});
