// --upgrade: asks the superdaemon to give way to the program that is on the disk now, and tells whether it did. The
// connection outlives the program at its other end: who answers in the end is the new one.

import type { ClientOptions } from '../invocation.ts';
import { StartupError } from '../startup-error.ts';
import { ask } from './ask.ts';
import { follow } from './follow.ts';
import { findRunning } from './running.ts';
import { timeLimit } from './time-limit.ts';

/** Throws StartupError with exit status 1 when the old program goes on, 2 when the time is up, 3 when none runs. */
export async function upgrade({ pidFile, waitTimeoutMs, quiet }: ClientOptions): Promise<void> {
  const asking = { limit: timeLimit(waitTimeoutMs), quiet };
  using superdaemon = await findRunning(pidFile, asking.limit);
  const { pid } = superdaemon;
  using control = await ask(superdaemon, 'upgrade', asking);
  // USR2 would end the reference, and tells nothing.
  if (control === undefined) {
    throw new StartupError(`--pid-file=${pidFile}: superdaemon ${pid} cannot be asked for an upgrade`);
  }
  const describe = () => `superdaemon ${pid} has not given way`;
  await follow(control, { superdaemon, pidFile, what: 'the upgrade', describe, ...asking }, (event) => {
    if (event.event === 'upgrade-refused') throw new StartupError(`upgrade failed: ${event.reason}`);
    return event.event === 'upgraded';
  });
}
