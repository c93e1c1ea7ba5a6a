import { StartupError } from '../startup-error.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';

const LONGEST = 200;

/**
 * What `act` makes of an event. The kernel vouches for who has told it, and nobody for what is in it. Throws StartupError for
 * what makes no sense.
 */
export function understood<Result>(event: LogEvent, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    const told = JSON.stringify(event).slice(0, LONGEST);
    throw new StartupError(`the superdaemon tells what cannot be understood: ${told}`, { cause: error });
  }
}
