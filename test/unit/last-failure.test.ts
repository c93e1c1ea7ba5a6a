import { describe, expect, it } from 'vitest';
import { lastFailure } from '../../src/control/last-failure.ts';
import type { LogEvent } from '../../src/superdaemon/log-event.ts';

const died = (status: number): LogEvent => ({
  event: 'worker-died',
  generation: 1,
  pid: 10,
  status,
  role: 'current',
});
const failed = (status: number): LogEvent => ({
  event: 'worker-failed-to-start',
  generation: 2,
  pid: 20,
  status,
});
const late: LogEvent = { event: 'worker-late', generation: 2, pid: 20, timeoutMs: 60_000, signal: 'SIGTERM' };
const again: LogEvent = { event: 'retry-scheduled', inMs: 400 };
const starting: LogEvent = { event: 'worker-starting', generation: 3, pid: 30 };
const started: LogEvent = { event: 'worker-started', generation: 3, pid: 30 };
const deployed: LogEvent = {
  event: 'deployed',
  deploy: 1,
  generation: 3,
  pid: 30,
  signal: 'SIGTERM',
  oldPids: [],
  leaving: [],
};
const givenUp: LogEvent = { event: 'given-up', deploy: 1, attempts: 3, reason: 'worker 20 died', keeps: 1 };

function reportAfter(events: readonly LogEvent[], isLeaving = false) {
  let now = 1000;
  const failure = lastFailure({ now: () => now, isLeaving: () => isLeaving });
  for (const event of events) failure.take(event);
  now += 100;
  return failure.report();
}

describe('what went wrong last', () => {
  it.each<[string, LogEvent[], string, number, number | undefined]>([
    ['a worker that died', [died(256), again], 'worker 10 ended with exit status 1', 1, 300],
    ['one that was killed', [died(9), again], 'worker 10 was ended by SIGKILL', 1, 300],
    [
      'attempts in a row',
      [died(9), failed(256), failed(768), again],
      'new worker 20 ended with exit status 3',
      3,
      300,
    ],
    [
      'an attempt under way again',
      [failed(256), again, starting],
      'new worker 20 ended with exit status 1',
      1,
      undefined,
    ],
    ['a worker that is late', [late, again], 'new worker 20 was not ready within 60 secs', 1, 300],
    ['a release that was given up', [failed(256), givenUp], 'gave up: worker 20 died', 3, undefined],
    [
      'a crash that was made up for',
      [died(9), again, starting, started],
      'worker 10 was ended by SIGKILL',
      0,
      undefined,
    ],
  ])('is told of %s', (_what, events, reason, attempts, nextInMs) => {
    expect(reportAfter(events)).toEqual({ reason, attempts, ageMs: 100, nextInMs });
  });

  it('is nothing once a deploy has succeeded', () => {
    expect(reportAfter([failed(256), again, starting, started, deployed])).toBeUndefined();
  });

  it('is not the end of a worker that was told to go', () => {
    expect(reportAfter([failed(15)], true)).toBeUndefined();
  });
});
