import type { StartOptions } from '../command-line/start-options.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';

/**
 * Returns a subscriber that waits until a worker serves, and acts then, once. Spawned, one serves as far as we know; where
 * there is a way to know better, it has to have started; of a pool all have to.
 */
export function whenServing(
  { readiness, maxStartAttempts, workers }: StartOptions,
  act: () => void,
): (event: LogEvent) => void {
  const spawned = readiness.kind === 'interval' && maxStartAttempts === 0;
  const sign = workers !== undefined ? 'all-started' : spawned ? 'worker-starting' : 'worker-started';
  let done = false;
  return ({ event }) => {
    if (done || event !== sign) return;
    done = true;
    act();
  };
}
