// --restart --cancel: the deploy under way is given up, and those that serve go on.

import type { ClientOptions } from '../command-line/invocation.ts';
import { StartupError } from '../startup-error.ts';
import { cannotAsk } from './another-user.ts';
import { ask } from './ask.ts';
import { closingLine } from './closing-line.ts';
import { follow } from './follow.ts';
import { findRunning } from './running.ts';
import { timeLimit } from './time-limit.ts';

/** Throws StartupError with exit status 1 when there is nothing to be called off, 2 when the time is up, 3 when none runs. */
export async function cancel({ pidFile, waitTimeoutMs, quiet }: ClientOptions): Promise<void> {
  const close = closingLine(quiet);
  const asking = { limit: timeLimit(waitTimeoutMs), quiet };
  using superdaemon = await findRunning(pidFile, asking.limit);
  const { pid } = superdaemon;
  using control = await ask(superdaemon, 'cancel', asking);
  if (control === undefined) {
    throw cannotAsk(pidFile, pid, `superdaemon ${pid} cannot be asked to give a deploy up`);
  }
  const { request } = control.hello;
  const describe = () => `superdaemon ${pid} has not given the deploy up`;
  const keeps = await follow(
    control,
    { superdaemon, pidFile, what: 'the deploy', describe, ...asking },
    (event) => {
      if (event.event === 'request-refused' && event.request === request) {
        throw new StartupError(`nothing was called off: ${event.reason}`);
      }
      return event.event === 'given-up' ? event.keeps : undefined;
    },
  );
  close(`called off: generation ${keeps} keeps serving`);
}
