// --upgrade: asks the superdaemon to replace itself by the program that is on the disk now, and tells whether it did. The
// connection outlives the program at its other end: who answers in the end is the new one.

import packageJson from '../../package.json' with { type: 'json' };
import type { UpgradeOptions } from '../command-line/invocation.ts';
import { StartupError } from '../startup-error.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { cannotAsk } from './another-user.ts';
import { ask } from './ask.ts';
import { closingLine } from './closing-line.ts';
import { follow } from './follow.ts';
import { findRunning } from './running.ts';
import { timeLimit } from './time-limit.ts';

/** Throws StartupError with exit status 1 when the old program goes on, 2 when the time is up, 3 when none runs. */
export async function upgrade({ pidFile, waitTimeoutMs, quiet }: UpgradeOptions): Promise<void> {
  const close = closingLine(quiet);
  const asking = { limit: timeLimit(waitTimeoutMs), quiet };
  using superdaemon = await findRunning(pidFile, asking.limit);
  const { pid } = superdaemon;
  using control = await ask(superdaemon, 'upgrade', asking);
  // USR2 would end the reference, and tells nothing.
  if (control === undefined) {
    throw cannotAsk(pidFile, pid, `superdaemon ${pid} cannot be asked for an upgrade`);
  }
  const describe = () => `superdaemon ${pid} has not been replaced`;
  const { from, to } = await follow(
    control,
    { superdaemon, pidFile, what: 'the upgrade', describe, ...asking },
    (event) => {
      if (event.event === 'upgrade-refused') throw new StartupError(`upgrade failed: ${event.reason}`);
      if (event.event !== 'upgraded') return undefined;
      refuseOldAgain(event, pid);
      return event;
    },
  );
  close(`upgraded: version ${from} to version ${to}, pid ${pid}`);
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
