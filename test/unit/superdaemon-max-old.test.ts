// --max-old: old workers that do not go do not pile up.

import { describe, expect, it } from 'vitest';
import { POOL } from './pool.ts';
import { hup, ignoresSignals, type Scenario, signalAt, term } from './scenario.ts';
import { simulate } from './simulated-host.ts';

const stubborn: Scenario = { workers: () => ignoresSignals, untilMs: 60_000 };
const hups = [hup(10_000), hup(20_000), hup(30_000), hup(40_000)];

async function kills(scenario: Scenario): Promise<string[]> {
  const { transcript } = await simulate({ ...stubborn, ...scenario });
  return transcript.filter((line) => /SIGKILL/.test(line));
}

describe('old workers that do not go', () => {
  it('are any number, as long as nobody says how many there may be', async () => {
    expect(await kills({ happenings: hups })).toEqual([]);
  });

  it('are killed, the oldest first, when a deploy makes them one too many', async () => {
    const { transcript } = await simulate({ ...stubborn, policy: { maxOld: 2 }, happenings: hups });
    expect(transcript.filter((line) => /KILL|has not gone/.test(line))).toEqual([
      '31s warning: more than 2 old workers have not gone, sending KILL to worker 101 of generation 1',
      '31s SIGKILL → 101',
      '41s warning: more than 2 old workers have not gone, sending KILL to worker 102 of generation 2',
      '41s SIGKILL → 102',
    ]);
  });

  it('are counted in each slot of a pool', async () => {
    const policy = { ...POOL, workers: 2, maxOld: 1 };
    const happenings = [hup(10_000), hup(20_000)];
    expect(await kills({ policy, happenings })).toEqual(['21s SIGKILL → 101', '21s SIGKILL → 102']);
  });

  it('are counted by the program that takes over, too', async () => {
    const happenings = [hup(10_000), hup(20_000), signalAt(25_000, 'SIGUSR2'), hup(30_000)];
    expect(await kills({ policy: { maxOld: 1 }, happenings })).toEqual([
      '21s SIGKILL → 101',
      '31s SIGKILL → 102',
    ]);
  });

  it('do not count at the stop, which has a limit of its own', async () => {
    const happenings = [hup(10_000), term(20_000)];
    expect(await kills({ policy: { maxOld: 1 }, happenings })).toEqual([]);
  });
});
