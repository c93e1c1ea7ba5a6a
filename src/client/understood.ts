import { StartupError } from '../startup-error.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';

const LONGEST = 200;

/**
 * What `act` makes of an event. That it is one the kernel vouches for, by who has told it; what is in it may be anything. Throws
 * StartupError for what makes no sense.
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
