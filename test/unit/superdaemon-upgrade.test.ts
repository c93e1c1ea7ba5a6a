import { describe, expect, it } from 'vitest';
import { diesAfter, hup, lives, readyAfter, type Scenario, term } from './scenario.ts';
import { simulate } from './simulated-host.ts';

const usr2 = (atMs: number) => ({ atMs, signal: 'SIGUSR2' as const });

async function from(atMs: number, scenario: Scenario): Promise<string[]> {
  const { transcript } = await simulate(scenario);
  return transcript.filter((line) => Number.parseFloat(line) >= atMs / 1000);
}

describe('USR2', () => {
  it('has another program go on with the same worker, once it has proved that it can', async () => {
    const proofs = [{ endsAfterMs: 200 }];
    expect(await from(5000, { proofs, happenings: [usr2(5000), hup(7000)] })).toEqual([
      '5s received USR2, replacing this program by the one on the disk',
      '5s proof',
      '5.2s gives way',
      '5.2s status file 1:101',
      '7s received HUP, spawning a new worker',
      '7s starting new worker 102',
      '8s status file 1:101 2:102',
      '8s new worker is now running, sending TERM to old workers:101',
      '8s killing old workers',
      '8s SIGTERM → 101',
      '8s old worker 101 died, status:0',
      '8s status file 2:102',
    ]);
  });

  it('waits for the deploy that is in flight, and the kill-old delay goes on in the next program', async () => {
    const happenings = [hup(5000), usr2(5500)];
    const lines = await from(5500, { policy: { killOldDelayMs: 3000 }, happenings });
    expect(lines.filter((line) => /proof|gives way|running|SIGTERM/.test(line))).toEqual([
      '6s new worker is now running, sending TERM to old workers:101',
      '6s proof',
      '6s gives way',
      '9s SIGTERM → 101',
    ]);
  });

  it('waits for a deploy that has been asked for and may not begin yet', async () => {
    const policy = { readyTimeoutMs: 10_000 };
    const workers = [readyAfter(1), readyAfter(1), readyAfter(1)];
    const happenings = [hup(5000), hup(5500), usr2(5600)];
    const lines = await from(5600, { policy, workers, happenings });
    expect(lines.filter((line) => /starting|gives way/.test(line))).toEqual([
      '6s starting new worker 103',
      '6.001s gives way',
    ]);
  });

  it('does not wait for a deploy that fails again and again', async () => {
    const workers = [lives, ...Array.from({ length: 20 }, () => diesAfter(100)), lives];
    const lines = await from(5000, { workers, happenings: [hup(5000), usr2(5500)], untilMs: 7000 });
    expect(lines).toContain('5.5s gives way');
    expect(lines).toContain('6s starting new worker 103');
  });

  it('is tried between two attempts of a crash loop that leaves no time for it', async () => {
    const workers = [diesAfter(5000), ...Array.from({ length: 20 }, () => diesAfter(900))];
    const proofs = [{ refusal: 'it cannot', endsAfterMs: 400 }];
    const lines = await from(5000, { workers, proofs, happenings: [usr2(6500)], untilMs: 9000 });
    expect(lines.filter((line) => /proof|cannot| starting new/.test(line))).toEqual([
      '5s starting new worker 102',
      '6s starting new worker 103',
      '6.9s proof',
      '7.3s cannot be replaced, going on: it cannot',
      '7.3s starting new worker 104',
      '8.3s starting new worker 105',
    ]);
  });

  it('waits until a worker serves', async () => {
    const lines = await from(0, { happenings: [usr2(0)] });
    expect(lines.slice(0, 5)).toEqual([
      '0s received USR2, replacing this program by the one on the disk',
      '0s starting new worker 101',
      '1s status file 1:101',
      '1s proof',
      '1s gives way',
    ]);
  });

  it('changes nothing when the other program cannot take over', async () => {
    const proofs = [{ refusal: 'it knows only format 2' }, { fails: 'no memory' }];
    expect(await from(5000, { proofs, happenings: [usr2(5000), usr2(6000)] })).toEqual([
      '5s received USR2, replacing this program by the one on the disk',
      '5s proof',
      '5s cannot be replaced, going on: it knows only format 2',
      '6s received USR2, replacing this program by the one on the disk',
      '6s proof',
      '6s cannot be replaced, going on: no memory',
    ]);
  });

  it('counts once while the other program is being tried', async () => {
    const happenings = [usr2(5000), usr2(5100), usr2(5200)];
    const lines = await from(5000, { proofs: [{ endsAfterMs: 1000 }], happenings });
    expect(lines.filter((line) => line.endsWith('proof'))).toEqual(['5s proof']);
    expect(lines.filter((line) => line.endsWith('gives way'))).toEqual(['6s gives way']);
  });

  it('has the other program tried once more when a deploy came in between', async () => {
    const happenings = [usr2(5000), hup(5100)];
    const proofs = [{ endsAfterMs: 200, evenCancelled: true } as const, { endsAfterMs: 300 }];
    const lines = await from(5000, { proofs, happenings });
    expect(lines.filter((line) => /proof|starting|running|gives way/.test(line))).toEqual([
      '5s proof',
      '5.1s proof cancelled',
      '5.1s starting new worker 102',
      '6.1s new worker is now running, sending TERM to old workers:101',
      '6.1s proof',
      '6.4s gives way',
    ]);
  });

  it('is not granted by the proof that came in the moment in which a deploy began', async () => {
    const proofs = [{ endsAfterMs: 100, evenCancelled: true } as const, { refusal: 'half installed' }];
    const lines = await from(5000, { proofs, happenings: [hup(5100), usr2(5000)] });
    expect(lines.filter((line) => /gives way|cannot be replaced/.test(line))).toEqual([
      '6.1s cannot be replaced, going on: half installed',
    ]);
  });

  it('is forgotten when we are told to stop', async () => {
    const proofs = [{ endsAfterMs: 1000 }];
    const workers = [{ goesAfterMs: 5000 }];
    const lines = await from(5000, { proofs, workers, happenings: [usr2(5000), term(5500)] });
    expect(lines).toContain('5.5s proof cancelled');
    expect(lines.filter((line) => line.endsWith('gives way'))).toEqual([]);
    expect(lines.at(-1)).toBe('10.5s exiting');
  });
});
