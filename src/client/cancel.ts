// --restart --cancel: the deploy under way is given up, and those that serve go on.

import type { ClientOptions } from '../command-line/invocation.ts';
import { StartupError } from '../startup-error.ts';
import { carryOut } from './carry-out.ts';

/** Throws StartupError with exit status 1 when there is nothing to be called off, 2 when the time is up, 3 when none runs. */
export async function cancel(options: ClientOptions): Promise<void> {
  await carryOut(options, {
    wish: 'cancel',
    asked: 'to give a deploy up',
    what: 'the deploy',
    begin: (request, pid) => ({
      describe: () => `superdaemon ${pid} has not given the deploy up`,
      isDone: (event) => {
        if (event.event === 'request-refused' && event.request === request) {
          throw new StartupError(`nothing was called off: ${event.reason}`);
        }
        return event.event === 'given-up';
      },
    }),
  });
}
