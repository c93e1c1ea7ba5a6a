import { setTimeout as delay } from 'node:timers/promises';

export interface EventuallyOptions {
  /** A generous upper bound: a test that passes never waits for it. */
  readonly withinMs?: number;
  /** Once true, the next failing try is the last: what is waited for cannot come any more. */
  readonly giveUp?: () => boolean;
}

/** Tries until `probe` returns instead of throwing; its value, or its last error after the time limit. */
export async function eventually<T>(
  probe: () => T | Promise<T>,
  options: EventuallyOptions = {},
): Promise<T> {
  const { withinMs = 15_000, giveUp = () => false } = options;
  const deadline = performance.now() + withinMs;
  for (;;) {
    const last = giveUp() || performance.now() > deadline;
    try {
      return await probe();
    } catch (error) {
      if (last) throw error;
    }
    await delay(10);
  }
}
