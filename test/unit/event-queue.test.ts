import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { eventQueue } from '../../src/host/event-queue.ts';

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

function newQueue() {
  return eventQueue({ ignoredByCaller: [], reopenLog: () => {}, report: () => {}, inherited: undefined });
}

it.each([
  ['forward', 366],
  ['back', -366],
])('a clock that is set %s neither brings a deadline nearer nor puts it off', async (_, days) => {
  const events = newQueue();
  const start = events.now();
  const deadline = start + 20;
  const next = events.next(deadline);
  vi.setSystemTime(Date.now() + days * 86_400_000);
  expect(await next).toEqual({ kind: 'deadline' });
  expect(events.now()).toBeGreaterThanOrEqual(deadline);
  expect(events.now() - start).toBeLessThan(60_000);
});

it('hands out what comes at once one by one, in order', async () => {
  const events = newQueue();
  const next = events.next(Number.POSITIVE_INFINITY);
  events.push({ kind: 'signal', signal: 'SIGHUP' });
  events.push({ kind: 'signal', signal: 'SIGTERM' });
  expect(await next).toEqual({ kind: 'signal', signal: 'SIGHUP' });
  expect(await events.next(Number.POSITIVE_INFINITY)).toEqual({ kind: 'signal', signal: 'SIGTERM' });
});

it('finds every death, though whoever is told of one of them fails', async () => {
  const reported: unknown[] = [];
  const report = (error: unknown) => void reported.push(error);
  const events = eventQueue({ ignoredByCaller: [], reopenLog: () => {}, report, inherited: undefined });
  // No children of ours: the look at them finds that they are gone.
  events.watch(99_999_998, () => {
    throw new Error('cannot be told');
  });
  events.watch(99_999_999);
  expect(await events.next(events.now())).toMatchObject({ kind: 'death', pid: 99_999_999 });
  expect(reported).toEqual([new Error('cannot be told')]);
});

it.each([
  ['before it', true],
  ['meanwhile', false],
])('what is awaited before the loop runs is given up for a signal to end that comes %s', async (_, isBefore) => {
  const events = newQueue();
  if (isBefore) process.emit('SIGTERM');
  const first = events.orStop(new Promise<string>(() => {}));
  if (!isBefore) process.emit('SIGINT');
  expect(await first).toBe(isBefore ? 'SIGTERM' : 'SIGINT');
});

it('what is awaited before the loop runs comes when nobody asks for the end', async () => {
  const events = newQueue();
  process.emit('SIGHUP');
  expect(await events.orStop(Promise.resolve('there'))).toBe('there');
});

it('finds every death before it reports a deadline', async () => {
  const events = newQueue();
  const deadline = events.now() + 20;
  // No children of ours: the look at them finds that they are gone.
  for (const pid of [99_999_998, 99_999_999]) {
    events.watch(pid, (status) => events.push({ kind: 'death', pid, status }));
  }
  expect(await events.next(deadline)).toMatchObject({ kind: 'death', pid: 99_999_998 });
  expect(await events.next(deadline)).toMatchObject({ kind: 'death', pid: 99_999_999 });
  expect(await events.next(deadline)).toEqual({ kind: 'deadline' });
});

it('sleeps until a deadline that is months away, which is longer than any timer lasts', async () => {
  const timers = vi.spyOn(globalThis, 'setTimeout');
  const events = newQueue();
  const next = events.next(events.now() + 90 * 86_400_000);
  events.push({ kind: 'signal', signal: 'SIGHUP' });
  await next;
  const waits = timers.mock.calls.map(([, ms]) => ms ?? 0);
  timers.mockRestore();
  expect(waits.length).toBeGreaterThan(0);
  // Node rings at once for what is longer.
  expect(Math.max(...waits)).toBeLessThan(2 ** 31);
});
