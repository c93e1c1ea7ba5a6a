// --upgrade: asks the superdaemon to give way to the program that is on the disk now, and tells whether it did. The
// connection outlives the program at its other end: who answers in the end is the new one.

import packageJson from '../../package.json' with { type: 'json' };
import { connectControl } from '../control/connection.ts';
import type { ClientOptions } from '../invocation.ts';
import { StartupError } from '../startup-error.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { openProgress } from './progress.ts';
import { hungUp } from './restart.ts';
import { findRunning } from './running.ts';
import { takeTurn } from './take-turn.ts';
import { timeLimit } from './time-limit.ts';

/** Throws StartupError with exit status 1 when the old program goes on, 2 when the time is up, 3 when none runs. */
export async function upgrade({ pidFile, waitTimeoutMs, quiet }: ClientOptions): Promise<void> {
  using superdaemon = findRunning(pidFile);
  const limit = timeLimit(waitTimeoutMs);
  const endTurn = await limit.within(takeTurn(pidFile, superdaemon), () => 'another client is at work');
  const describe = () => `superdaemon ${superdaemon.pid} has not given way`;
  try {
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
      if (next.value.event === 'upgraded') return refuseOldAgain(next.value, superdaemon.pid);
    }
  } finally {
    await endTurn();
  }
}

/** pnpm's commands, for one, name a directory with the version in it: behind such a name nothing new ever lies. */
function refuseOldAgain({ from, to, program = 'node' }: Upgraded, pid: number): void {
  const { version } = packageJson;
  if (to !== from || version.localeCompare(to, 'en', { numeric: true }) <= 0) return;
  throw new StartupError(
    `upgrade changed nothing: this is version ${version}, but superdaemon ${pid} was started as ${program}, which is still ` +
      `version ${to}: stop it, and start it by a name that leads to the new one`,
  );
}

type Upgraded = Extract<LogEvent, { event: 'upgraded' }>;
