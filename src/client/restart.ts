// --restart: a deploy, and a true answer. The superdaemon is asked over its control socket, where it tells how the deploy
// goes, and gives each client a deploy of its own. One without (the reference, another version) gets HUP, and its status
// file tells; there clients take turns.

import type { RestartOptions } from '../command-line/invocation.ts';
import type { Connection } from '../control/connection.ts';
import { StartupError } from '../startup-error.ts';
import { type Asking, ask } from './ask.ts';
import { deployBySignal, newestGeneration } from './deploy-by-signal.ts';
import { deployView } from './deploy-view.ts';
import { follow } from './follow.ts';
import { findRunning, type Running, wentAway } from './running.ts';
import { timeLimit } from './time-limit.ts';

/** Throws StartupError with exit status 1 when the deploy failed, 2 when the time is up, 3 when no superdaemon runs. */
export async function restart(options: RestartOptions): Promise<void> {
  const asking = { limit: timeLimit(options.waitTimeoutMs), quiet: options.quiet };
  using superdaemon = await findRunning(options.pidFile, asking.limit);
  await checkStatusFile(superdaemon, options, asking);
  using control = await ask(superdaemon, 'deploy', asking);
  if (control !== undefined) return await followDeploy(control, superdaemon, options, asking);
  if (superdaemon.isGone()) throw wentAway(options.pidFile, superdaemon.pid);
  await deployBySignal(superdaemon, options, asking.limit);
}

/** Nobody needs it where there is a control socket, but a wrong name is an error whoever runs, once a worker has started. */
async function checkStatusFile(superdaemon: Running, { statusFile }: RestartOptions, asking: Asking) {
  try {
    newestGeneration(statusFile);
  } catch (error) {
    using control = await ask(superdaemon, 'status', asking);
    const isStarting = control?.hello.workers.every(({ phase }) => phase === 'starting');
    if (!isStarting) throw error;
  }
}

async function followDeploy(
  control: Connection,
  superdaemon: Running,
  { waitOld, pidFile }: RestartOptions,
  asking: Asking,
): Promise<void> {
  const { request, left = [] } = control.hello;
  const view = deployView({ request, waitOld, left });
  const { describe } = view;
  await follow(control, { superdaemon, pidFile, what: 'the deploy', describe, ...asking }, (event) => {
    view.take(event);
    const result = view.result();
    if (result?.kind === 'failed' || result?.kind === 'incomplete')
      throw new StartupError(`deploy ${result.kind}: ${result.reason}`);
    return result?.kind === 'done';
  });
}
