// --upgrade: asks the superdaemon to give way to the program that is on the disk now, and tells whether it did. The
// connection outlives the program at its other end: who answers in the end is the new one.

import { connectControl } from '../control/connection.ts';
import type { ClientOptions } from '../invocation.ts';
import { StartupError } from '../startup-error.ts';
import { openProgress } from './progress.ts';
import { hungUp } from './restart.ts';
import { findRunning } from './running.ts';
import { timeLimit } from './time-limit.ts';

/** Throws StartupError with exit status 1 when the old program goes on, 2 when the time is up, 3 when none runs. */
export async function upgrade({ pidFile, waitTimeoutMs, quiet }: ClientOptions): Promise<void> {
  const limit = timeLimit(waitTimeoutMs);
  using superdaemon = await findRunning(pidFile, limit);
  const describe = () => `superdaemon ${superdaemon.pid} has not given way`;
  using control = await connectControl(superdaemon, 'upgrade');
  // USR2 would end the reference, and tells nothing.
  if (control === undefined) {
    throw new StartupError(
      `--pid-file=${pidFile}: superdaemon ${superdaemon.pid} cannot be asked for an upgrade`,
    );
  }
  using progress = openProgress(quiet, describe);
  for (;;) {
    const next = await limit.within(control.events.next(), describe);
    if (next.done) throw await hungUp(superdaemon, pidFile, 'the upgrade');
    progress.show(next.value);
    if (next.value.event === 'upgrade-refused')
      throw new StartupError(`upgrade failed: ${next.value.reason}`);
    if (next.value.event === 'upgraded') return;
  }
}
