// --restart: a deploy, and a true answer. The superdaemon is asked over its control socket, where it tells how the deploy
// goes, and gives each client a deploy of its own. One without (the reference, another version) gets HUP, and its status
// file tells; there clients take turns.

import type { RestartOptions } from '../command-line/invocation.ts';
import type { StartupError } from '../startup-error.ts';
import { cannotAsk } from './another-user.ts';
import { type Asking, ask } from './ask.ts';
import { closingLine } from './closing-line.ts';
import { deployBySignal, newestGeneration } from './deploy-by-signal.ts';
import { deployView } from './deploy-view.ts';
import { failedWorker } from './failed-worker.ts';
import { followView } from './follow-view.ts';
import { findRunning, type Running, wentAway } from './running.ts';
import { timeLimit } from './time-limit.ts';
import { wholePoolView } from './whole-pool-view.ts';

/** Throws StartupError with exit status 1 when the deploy failed, 2 when the time is up, 3 when no superdaemon runs. */
export async function restart(options: RestartOptions): Promise<void> {
  const { pidFile, statusFile, quiet } = options;
  const asking = { limit: timeLimit(options.waitTimeoutMs), quiet };
  const close = closingLine(quiet);
  using superdaemon = await findRunning(pidFile, asking.limit, statusFile);
  await checkStatusFile(superdaemon, statusFile, asking);
  const failed = failedWorker(superdaemon.pid);
  using control = await ask(superdaemon, 'deploy', asking);
  if (control !== undefined) {
    const { request, left = [] } = control.hello;
    const deploy = deployView({ request, waitOld: options.waitOld, left });
    // It may be the first one of new options with more workers.
    const view = wholePoolView({ request, deploy });
    return close(
      await followView(control, view, { superdaemon, pidFile, what: 'deploy', failed, ...asking }),
    );
  }
  if (superdaemon.isGone()) throw wentAway(pidFile, superdaemon.pid);
  if (statusFile === undefined) throw needsStatusFile(superdaemon, pidFile);
  // As silently as the reference's own client.
  await deployBySignal(superdaemon, { ...options, statusFile }, asking.limit);
}

function needsStatusFile({ pid }: Running, pidFile: string): StartupError {
  return cannotAsk(
    pidFile,
    pid,
    `superdaemon ${pid} has no control socket for us: --restart needs --status-file, too`,
  );
}

/** Nobody needs it where there is a control socket, but a wrong name is an error whoever runs, once a worker has started. */
async function checkStatusFile(superdaemon: Running, statusFile: string | undefined, asking: Asking) {
  if (statusFile === undefined) return;
  try {
    newestGeneration(statusFile);
  } catch (error) {
    using control = await ask(superdaemon, 'status', asking);
    const isStarting = control?.hello.workers.every(({ phase }) => phase === 'starting');
    if (!isStarting) throw error;
  }
}
