import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { after } from '../../src/posix/clock.ts';

const DAY_MS = 86_400_000;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

it('a timer rings when it is due, though Node knows none of more than 24 days', () => {
  const rung = vi.fn();
  after(60 * DAY_MS, rung);
  vi.advanceTimersByTime(59 * DAY_MS);
  expect(rung).not.toHaveBeenCalled();
  vi.advanceTimersByTime(DAY_MS);
  expect(rung).toHaveBeenCalledOnce();
});

it('a timer that is disposed of between two of Node’s does not ring', () => {
  const rung = vi.fn();
  const timer = after(60 * DAY_MS, rung);
  vi.advanceTimersByTime(30 * DAY_MS);
  timer[Symbol.dispose]();
  vi.advanceTimersByTime(60 * DAY_MS);
  expect(rung).not.toHaveBeenCalled();
});
