import { expect, it } from 'vitest';
import type { LogEvent } from '../../src/superdaemon/log-event.ts';
import { messages } from '../../src/systemd/messages.ts';

const teller = (endsByItself: boolean) =>
  messages({ pid: 5, attemptMs: 20_000, endsByItself, isReady: false, monotonicUsec: () => 77n });

const starting: LogEvent = { event: 'worker-starting', generation: 1, pid: 9 };
const started: LogEvent = { event: 'worker-started', generation: 1, pid: 9 };
const failed: LogEvent = { event: 'worker-failed-to-start', generation: 1, pid: 9, status: 256 };
const patience = 'EXTEND_TIMEOUT_USEC=30000000';

it('a slow start is given its time, but failures that never end are not', () => {
  const say = teller(false);
  expect(say(starting)).toContain(patience);
  say(failed);
  expect(say(starting)).not.toContain(patience);
  say(started);
  expect(say(starting)).toContain(patience);
});

it('where the attempts are limited each is given its time', () => {
  const say = teller(true);
  say(failed);
  expect(say(starting)).toContain(patience);
});

it('READY=1 comes once for the start, and once for each deploy, however it ends', () => {
  const say = teller(true);
  expect(say(started)).toEqual(['READY=1', 'MAINPID=5', 'STATUS=generation 1, pid 9, serves']);
  expect(say(started)).toEqual(['STATUS=generation 1, pid 9, serves']);
  expect(say({ event: 'hup', deploy: 1 })?.slice(0, 2)).toEqual(['RELOADING=1', 'MONOTONIC_USEC=77']);
  const refused = say({ event: 'check-refused', deploy: 1, generation: 2, reason: 'check', keeps: 1 });
  expect(refused?.[0]).toBe('READY=1');
});

it('a deploy before the first worker has started is no reload', () => {
  expect(teller(true)({ event: 'hup', deploy: 1 })).toBeUndefined();
});

it('a replacement of a worker that died is none either', () => {
  const say = teller(true);
  say(started);
  const shared = { generation: 2, pid: 10, signal: 'SIGTERM', oldPids: [], leaving: [] } as const;
  expect(say({ event: 'deployed', deploy: undefined, ...shared })).toBeUndefined();
  expect(say({ event: 'deployed', deploy: 1, ...shared })).toEqual(['READY=1']);
});
