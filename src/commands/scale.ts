// --scale: more workers, or fewer, and a true answer.

import { connectControl } from '../control/connection.ts';
import type { ScaleOptions } from '../invocation.ts';
import { StartupError } from '../startup-error.ts';
import { openProgress } from './progress.ts';
import { hungUp } from './restart.ts';
import { findRunning } from './running.ts';
import { scaleView } from './scale-view.ts';
import { timeLimit } from './time-limit.ts';

/** Throws StartupError with exit status 1 when a worker does not start, 2 when the time is up, 3 when no superdaemon runs. */
export async function scale({ pidFile, waitTimeoutMs, quiet, scaling }: ScaleOptions): Promise<void> {
  using superdaemon = findRunning(pidFile);
  const limit = timeLimit(waitTimeoutMs);
  using control = await connectControl(superdaemon, 'scale', scaling);
  if (control === undefined) {
    throw new StartupError(`--pid-file=${pidFile}: superdaemon ${superdaemon.pid} cannot be asked to scale`);
  }
  const view = scaleView(control.hello.request);
  using progress = openProgress(quiet, view.describe);
  for (;;) {
    const next = await limit.within(control.events.next(), view.describe);
    if (next.done) throw await hungUp(superdaemon, pidFile, 'the scaling');
    view.take(next.value);
    progress.show(next.value);
    const result = view.result();
    if (result?.kind === 'failed') throw new StartupError(`scaling failed: ${result.reason}`);
    if (result?.kind === 'done') return;
  }
}
