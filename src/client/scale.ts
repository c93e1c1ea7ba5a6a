// --scale: more workers, or fewer, and a true answer.

import type { ScaleOptions } from '../command-line/invocation.ts';
import { StartupError } from '../startup-error.ts';
import { type Answering, carryOut } from './carry-out.ts';
import { scaleView } from './scale-view.ts';

/** Throws StartupError with exit status 1 when a worker does not start, 2 when the time is up, 3 when no superdaemon runs. */
export async function scale(options: ScaleOptions): Promise<void> {
  await carryOut(options, {
    wish: { request: 'scale', scaling: options.scaling },
    asked: 'to scale',
    what: 'the scaling',
    begin: (request) => {
      const view = scaleView(request);
      const isDone: Answering['isDone'] = (event) => {
        view.take(event);
        const result = view.result();
        if (result?.kind === 'failed') throw new StartupError(`scaling failed: ${result.reason}`);
        return result?.kind === 'done';
      };
      return { describe: view.describe, isDone };
    },
  });
}
