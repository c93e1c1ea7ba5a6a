import { afterEach, describe, expect, it, vi } from 'vitest';
import { timeLimit } from '../../src/client/time-limit.ts';

const never = new Promise<never>(() => {});

afterEach(() => void vi.useRealTimers());

describe('--wait-timeout', () => {
  it('ends what takes longer, with exit status 2 and what was waited for', async () => {
    await expect(timeLimit(10).within(never, () => 'nobody came')).rejects.toMatchObject({
      message: '--wait-timeout=0.01: timed out: nobody came',
      exitStatus: 2,
    });
  });

  it('runs from its beginning, however many things are waited for', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'hrtime'] });
    const limit = timeLimit(60_000);
    vi.advanceTimersByTime(59_000);
    const late = expect(limit.within(never, () => 'late')).rejects.toThrow('late');
    vi.advanceTimersByTime(1000);
    await late;
  });

  it('leaves alone what comes in time, and what fails', async () => {
    const limit = timeLimit(60_000);
    expect(await limit.within(Promise.resolve(7), () => '')).toBe(7);
    await expect(limit.within(Promise.reject(new Error('refused')), () => '')).rejects.toThrow('refused');
    expect([limit.isEndless, timeLimit(Number.POSITIVE_INFINITY).isEndless]).toEqual([false, true]);
  });
});
