// --scale: more workers, or fewer, and a true answer.

import type { ScaleOptions } from '../command-line/invocation.ts';
import { cannotAsk } from './another-user.ts';
import { ask } from './ask.ts';
import { closingLine } from './closing-line.ts';
import { failedWorker } from './failed-worker.ts';
import { followView } from './follow-view.ts';
import { findRunning } from './running.ts';
import { scaleView } from './scale-view.ts';
import { timeLimit } from './time-limit.ts';

/** Throws StartupError with exit status 1 when a worker does not start, 2 when the time is up, 3 when no superdaemon runs. */
export async function scale({ pidFile, waitTimeoutMs, quiet, scaling }: ScaleOptions): Promise<void> {
  const close = closingLine(quiet);
  const asking = { limit: timeLimit(waitTimeoutMs), quiet };
  using superdaemon = await findRunning(pidFile, asking.limit);
  const failed = failedWorker(superdaemon.pid);
  using control = await ask(superdaemon, { request: 'scale', scaling }, asking);
  if (control === undefined) {
    throw cannotAsk(pidFile, superdaemon.pid, `superdaemon ${superdaemon.pid} cannot be asked to scale`);
  }
  const view = scaleView(control.hello.request);
  close(await followView(control, view, { superdaemon, pidFile, what: 'scaling', failed, ...asking }));
}
