import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { eventQueue } from '../../src/workers/event-queue.ts';

const SIGNALS = [
  'SIGHUP',
  'SIGTERM',
  'SIGINT',
  'SIGQUIT',
  'SIGUSR1',
  'SIGUSR2',
  'SIGALRM',
  'SIGCHLD',
] as const;
const before = new Map(SIGNALS.map((signal) => [signal, process.listeners(signal)]));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});

// The queue listens until its process ends; this process goes on.
afterEach(() => {
  vi.useRealTimers();
  for (const signal of SIGNALS) {
    const ours = process.listeners(signal).filter((listener) => !before.get(signal)?.includes(listener));
    for (const listener of ours) process.off(signal, listener);
  }
});

it.each([
  ['forward', 366],
  ['back', -366],
])('a clock that is set %s neither brings a deadline nearer nor puts it off', async (_, days) => {
  const events = eventQueue({
    ignoredByCaller: [],
    reopenLog: () => {},
    report: () => {},
    inherited: undefined,
  });
  const start = events.now();
  const deadline = start + 20;
  const next = events.next(deadline);
  vi.setSystemTime(Date.now() + days * 86_400_000);
  expect(await next).toEqual({ kind: 'deadline' });
  expect(events.now()).toBeGreaterThanOrEqual(deadline);
  expect(events.now() - start).toBeLessThan(60_000);
});
