import { after, now } from '../posix/clock.ts';
import { StartupError } from '../startup-error.ts';

/** --wait-timeout: from here on, whatever is waited for. */
export interface TimeLimit {
  readonly isEndless: boolean;
  /** Settles as `wanted` does, or throws StartupError once the time is up; `describe` says what was waited for. */
  within<Value>(wanted: Promise<Value>, describe: () => string): Promise<Value>;
}

const TIMED_OUT = 2;

export function timeLimit(limitMs: number): TimeLimit {
  const endsAt = now() + limitMs;
  return {
    isEndless: limitMs === Number.POSITIVE_INFINITY,
    within: async (wanted, describe) => {
      if (limitMs === Number.POSITIVE_INFINITY) return wanted;
      const text = () => `--wait-timeout=${limitMs / 1000}: timed out: ${describe()}`;
      let expire: (error: StartupError) => void = () => {};
      const expired = new Promise<never>((_, reject) => {
        expire = reject;
      });
      using _alarm = after(Math.max(0, endsAt - now()), () =>
        expire(new StartupError(text(), { exitStatus: TIMED_OUT })),
      );
      return await Promise.race([wanted, expired]);
    },
  };
}
