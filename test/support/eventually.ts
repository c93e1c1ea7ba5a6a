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
  const beganMs = performance.now();
  for (;;) {
    const waitedMs = performance.now() - beganMs;
    const last = giveUp() || waitedMs > withinMs;
    try {
      return await probe();
    } catch (error) {
      if (last) throw error;
    }
    await delay(restAfter(waitedMs));
  }
}

/** What takes long is found no later, in proportion, when it is looked for less often; and a look is not for nothing. */
const restAfter = (waitedMs: number) => Math.min(Math.max(waitedMs / 20, 10), 50);
