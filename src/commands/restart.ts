// --restart: a deploy, and a true answer. The superdaemon is asked over its control socket, where it tells how the deploy
// goes. One without (the reference, another version) gets HUP, and its status file tells.

import { type Connection, connectControl } from '../control/connection.ts';
import type { RestartOptions } from '../invocation.ts';
import { StartupError } from '../startup-error.ts';
import { deployBySignal, newestGeneration } from './deploy-by-signal.ts';
import { deployView } from './deploy-view.ts';
import { openProgress } from './progress.ts';
import { findRunning, type Running, until, wentAway } from './running.ts';
import { type TimeLimit, timeLimit } from './time-limit.ts';

/** Throws StartupError with exit status 1 when the deploy failed, 2 when the time is up, 3 when no superdaemon runs. */
export async function restart(options: RestartOptions): Promise<void> {
  const limit = timeLimit(options.waitTimeoutMs);
  using superdaemon = await findRunning(options.pidFile, limit);
  await checkStatusFile(superdaemon, options);
  using control = await connectControl(superdaemon, 'deploy');
  if (control !== undefined) await follow(control, superdaemon, { options, limit });
  else await deployBySignal(superdaemon, options, limit);
}

/** Nobody needs it where there is a control socket, but a wrong name is an error whoever runs, once a worker has started. */
async function checkStatusFile(superdaemon: Running, { statusFile }: RestartOptions): Promise<void> {
  using control = await connectControl(superdaemon, 'status');
  const isStarting = control?.hello.workers.every(({ phase }) => phase === 'starting');
  if (!isStarting) newestGeneration(statusFile);
}

interface Wishes {
  readonly options: RestartOptions;
  readonly limit: TimeLimit;
}

async function follow(
  { hello, events }: Connection,
  superdaemon: Running,
  { options: { waitOld, quiet, pidFile }, limit }: Wishes,
): Promise<void> {
  const view = deployView({ request: hello.request, waitOld });
  using progress = openProgress(quiet, view.describe);
  for (;;) {
    const next = await limit.within(events.next(), view.describe);
    if (next.done) throw await hungUp(superdaemon, pidFile, 'the deploy');
    view.take(next.value);
    progress.show(next.value);
    const result = view.result();
    if (result?.kind === 'failed') throw new StartupError(`deploy failed: ${result.reason}`);
    if (result?.kind === 'done') return;
  }
}

/** It hangs up when it ends, a moment before it is gone; and on a client that was too slow to listen. */
export async function hungUp(superdaemon: Running, pidFile: string, what: string): Promise<StartupError> {
  const going = timeLimit(GOING_MS);
  try {
    await until(superdaemon.isGone, going, () => 'it lives');
    return wentAway(pidFile, superdaemon.pid, what);
  } catch {
    const text = `superdaemon ${superdaemon.pid} hung up, how ${what} ends is in its log`;
    return new StartupError(`--pid-file=${pidFile}: ${text}`);
  }
}

const GOING_MS = 2000;
