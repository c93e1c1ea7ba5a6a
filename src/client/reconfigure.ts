// --upgrade with a command line behind it: the superdaemon replaces itself, goes by that one from then on, and deploys it. It
// is tried before anything changes; what it is refused for changes nothing.

import type { UpgradeOptions } from '../command-line/invocation.ts';
import { type CommandLine, LONGEST_REQUEST, lineOf, PROTOCOL } from '../control/protocol.ts';
import { StartupError } from '../startup-error.ts';
import { cannotAsk } from './another-user.ts';
import { ask } from './ask.ts';
import { closingLine } from './closing-line.ts';
import { deployView } from './deploy-view.ts';
import { failedWorker } from './failed-worker.ts';
import { followView } from './follow-view.ts';
import { reconfigureView } from './reconfigure-view.ts';
import { findRunning } from './running.ts';
import { timeLimit } from './time-limit.ts';
import { wholePoolView } from './whole-pool-view.ts';

/** Throws StartupError with exit status 1 when the options or the deploy are refused, 2 when the time is up, 3 when none runs. */
export async function reconfigure(options: UpgradeOptions, words: readonly string[]): Promise<void> {
  const { pidFile, quiet, waitOld } = options;
  const wish = { request: 'reconfigure', commandLine: commandLineOf(words) } as const;
  const close = closingLine(quiet);
  const asking = { limit: timeLimit(options.waitTimeoutMs), quiet };
  using superdaemon = await findRunning(pidFile, asking.limit);
  const { pid } = superdaemon;
  const failed = failedWorker(pid);
  using control = await ask(superdaemon, wish, asking);
  if (control?.hello.reconfigures !== true) {
    const version = control === undefined ? '' : `, version ${control.hello.version},`;
    const advice = control === undefined ? '' : ': upgrade it first, without a command line';
    throw cannotAsk(pidFile, pid, `superdaemon ${pid}${version} takes no new options${advice}`);
  }
  const { request, left = [] } = control.hello;
  const deploy = wholePoolView({ request, deploy: deployView({ request, waitOld, left }) });
  const view = reconfigureView({ superdaemon: pid, deploy });
  close(await followView(control, view, { superdaemon, pidFile, what: 'upgrade', failed, ...asking }));
}

/** Throws StartupError. */
function commandLineOf(words: readonly string[]): CommandLine {
  const commandLine = { words, directory: process.cwd() };
  const { length } = lineOf({ protocol: PROTOCOL, request: 'reconfigure', commandLine });
  if (length <= LONGEST_REQUEST) return commandLine;
  throw new StartupError(
    `--upgrade: a command line of ${length} bytes is too long for a running superdaemon, which takes ${LONGEST_REQUEST}`,
  );
}
