import type { StartOptions } from '../invocation.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';

/**
 * Returns what hears the log until a worker serves, and acts then, once. Spawned, one serves as far as we know; where
 * there is a way to know better, it has to have started.
 */
export function whenServing(
  { readiness, maxStartAttempts }: StartOptions,
  act: () => void,
): (event: LogEvent) => void {
  const sign = readiness.kind === 'interval' && maxStartAttempts === 0 ? 'worker-starting' : 'worker-started';
  let done = false;
  return ({ event }) => {
    if (done || event !== sign) return;
    done = true;
    act();
  };
}
