import type { StartOptions } from '../command-line/start-options.ts';
import type { PredecessorState } from '../upgrade/upgrade-state.ts';

/** What the service manager's words depend on. */
export function managerFacts(options: StartOptions, inherited: PredecessorState | undefined) {
  return { ...attemptFacts(options), ...poolFacts(options, inherited), isReady: inherited !== undefined };
}

function attemptFacts({ readiness, intervalMs, readyTimeoutMs, maxStartAttempts }: StartOptions) {
  const attemptMs = readiness.kind === 'interval' ? intervalMs : readyTimeoutMs;
  return { attemptMs, endsByItself: maxStartAttempts > 0 };
}

/** Of a pool: its size, and the slots that serve. */
function poolFacts({ workers }: StartOptions, inherited: PredecessorState | undefined) {
  const { wanted, workers: living = [] } = inherited?.table ?? {};
  const serving = living.filter(({ phase }) => phase.name === 'started');
  return {
    workers: workers && (wanted ?? workers),
    serving: serving.map(({ slot, pid }) => ({ slot, pid })),
  };
}
