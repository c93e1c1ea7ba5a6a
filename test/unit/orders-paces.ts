// What of the pace of each slot bears on when, and in which order, the next attempts are made.

import type { Policy } from '../../src/superdaemon/host.ts';
import type { Slot } from '../../src/superdaemon/spacing.ts';
import type { State } from '../../src/superdaemon/state.ts';
import { ranked } from './orders-rank.ts';

/** Attempts to make up for those that died are at least so far apart; a longer interval makes it no matter. */
const RETRY_MS = 100;

/** Which of two came first is asked where slots take turns: of a pool that nobody gives up, or with a canary. */
export function pacesIn({ slots, behind, policy, candidate }: State, nowMs: number): readonly unknown[] {
  const { intervalMs, backoffMs, autoRestartIntervalMs = 0, maxStartAttempts } = policy;
  const isRetried = intervalMs < RETRY_MS;
  const takesTurns =
    policy.canaryMs !== undefined || (maxStartAttempts === 0 && policy.workers !== undefined);
  // A deploy begins with the later of the two.
  const isBehindIdle = candidate === undefined || !takesTurns;
  const lastBehind = behind.map(({ lastAttemptAt }, slot) =>
    isBehindIdle ? Math.max(lastAttemptAt, slots[slot]?.lastAttemptAt ?? lastAttemptAt) : lastAttemptAt,
  );
  const last = [...slots.map(({ lastAttemptAt }) => lastAttemptAt), ...lastBehind];
  const order = ranked(takesTurns ? (isBehindIdle ? lastBehind : last) : []);
  const longestMs = Math.max(intervalMs, backoffMs, 2 * autoRestartIntervalMs);
  const pace = ({ lastRetryAt, isRetry, failures }: Slot, index: number) => [
    [Math.min(nowMs - (last[index] ?? 0), longestMs), takesTurns && order(last[index])],
    isRetried && [Math.min(nowMs - lastRetryAt, RETRY_MS), isRetry],
    Math.min(failures, mostFailures(policy)),
  ];
  return [...slots, ...behind].map(pace);
}

/** Failures beyond these make no difference. */
function mostFailures({ backoffMs, maxStartAttempts }: Policy): number {
  return Math.max(backoffMs > 0 ? 8 : 1, maxStartAttempts + 1);
}
