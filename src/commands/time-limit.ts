import { StartupError } from '../startup-error.ts';

/** --wait-timeout: from here on, whatever is waited for. */
export interface TimeLimit {
  readonly isEndless: boolean;
  /** Settles as `wanted` does, or throws StartupError once the time is up; `describe` says what was waited for. */
  within<Value>(wanted: Promise<Value>, describe: () => string): Promise<Value>;
}

const TIMED_OUT = 2;
/** setTimeout fires at once when it is given more. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

export function timeLimit(limitMs: number): TimeLimit {
  const endsAt = performance.now() + limitMs;
  return {
    isEndless: limitMs === Number.POSITIVE_INFINITY,
    within: async (wanted, describe) => {
      if (limitMs === Number.POSITIVE_INFINITY) return wanted;
      let alarm: NodeJS.Timeout | undefined;
      const expired = new Promise<never>((_, reject) => {
        const leftMs = Math.max(0, endsAt - performance.now());
        const text = () => `--wait-timeout=${limitMs / 1000}: timed out: ${describe()}`;
        const expire = () => reject(new StartupError(text(), { exitStatus: TIMED_OUT }));
        alarm = setTimeout(expire, Math.min(leftMs, LONGEST_TIMEOUT_MS));
      });
      try {
        return await Promise.race([wanted, expired]);
      } finally {
        clearTimeout(alarm);
      }
    },
  };
}
