import { describe, expect, it } from 'vitest';
import { dies, diesAfter, hup, lives, passes, refuses, request, term } from './scenario.ts';
import { simulate, type Told } from './simulated-host.ts';

describe("a client's request", () => {
  it('begins a deploy as HUP does, and is told its number, which its success carries', async () => {
    const { transcript, told } = await simulate({ happenings: [request(5000, 71)] });
    expect(transcript[2]).toBe('5s received HUP, spawning a new worker');
    expect(answers(told)).toEqual(['5s accepted 71 by 1', '6s deployed 1']);
    expect(told.find(({ event }) => event === 'deployed')).toMatchObject({
      generation: 2,
      pid: 102,
      oldPids: [101],
      leaving: [101],
    });
  });

  it('that comes while a worker is being tried is served by the next deploy, with all others', async () => {
    const happenings = [hup(5000), request(5100, 71), request(5200, 72), hup(5300)];
    const { told } = await simulate({ happenings });
    expect(answers(told)).toEqual([
      '5.1s accepted 71 by 2',
      '5.2s accepted 72 by 2',
      '6s deployed 1',
      '7s deployed 2',
    ]);
  });

  it('that comes while the check runs is served by the next deploy', async () => {
    const { told } = await simulate({
      policy: { hasCheck: true },
      checks: [passes(), refuses('bad config', 500)],
      happenings: [request(5000, 71), request(5100, 72)],
    });
    expect(answers(told)).toEqual([
      '5s accepted 71 by 1',
      '5.1s accepted 72 by 2',
      '5.5s check-refused 1',
      '7s deployed 2',
    ]);
  });

  it('is told that its deploy was given up', async () => {
    const { told } = await simulate({
      policy: { maxStartAttempts: 2 },
      workers: [lives, diesAfter(100), diesAfter(100)],
      happenings: [request(5000, 71)],
    });
    expect(answers(told)).toEqual(['5s accepted 71 by 1', '6.1s given-up 1']);
  });

  it('that comes during the last attempt of another gets attempts of its own', async () => {
    const { told } = await simulate({
      policy: { maxStartAttempts: 1 },
      workers: [lives, diesAfter(500), diesAfter(100)],
      happenings: [request(5000, 71), request(5100, 72)],
    });
    expect(answers(told)).toEqual(['5s accepted 71 by 1', '5.1s accepted 72 by 2', '6.1s given-up 2']);
  });

  it('during the first start is served by the first deploy after it', async () => {
    const { told } = await simulate({ happenings: [request(400, 71)] });
    expect(answers(told)).toEqual(['0.4s accepted 71 by 1', '2s deployed 1']);
  });

  it('is answered although the old worker dies meanwhile', async () => {
    const { told } = await simulate({ happenings: [request(5000, 71), dies(5500, 1)] });
    expect(answers(told)).toEqual(['5s accepted 71 by 1', '6s deployed 1']);
  });

  it('is refused after TERM, and told why', async () => {
    const { told } = await simulate({
      workers: [{ goesAfterMs: 500 }],
      happenings: [term(5000), request(5100, 71)],
    });
    expect(answers(told)).toEqual(['5.1s refused 71: the superdaemon is stopping']);
  });

  it('is numbered together with auto restarts', async () => {
    const { told } = await simulate({
      policy: { autoRestartIntervalMs: 10_000 },
      happenings: [request(15_000, 71)],
      untilMs: 18_000,
    });
    expect(answers(told)).toEqual(['11s deployed 1', '15s accepted 71 by 2', '16s deployed 2']);
  });

  it('is told of the workers that are still leaving', async () => {
    const { told } = await simulate({
      workers: [{ goesAfterMs: 60_000 }],
      happenings: [hup(5000), request(10_000, 71)],
    });
    expect(told.findLast(({ event }) => event === 'deployed')).toMatchObject({
      oldPids: [102],
      leaving: [101, 102],
    });
  });
});

function answers(told: readonly Told[]): string[] {
  return told.flatMap((entry) => {
    const at = `${entry.atMs / 1000}s`;
    if (entry.event === 'request-accepted') return [`${at} accepted ${entry.request} by ${entry.deploy}`];
    if (entry.event === 'request-refused') return [`${at} refused ${entry.request}: ${entry.reason}`];
    if (entry.event === 'deployed' || entry.event === 'given-up' || entry.event === 'check-refused') {
      return [`${at} ${entry.event} ${entry.deploy}`];
    }
    return [];
  });
}
