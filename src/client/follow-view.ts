// A deploy or a scaling, followed to its end.

import type { Connection } from '../control/connection.ts';
import { StartupError } from '../startup-error.ts';
import type { DeployView } from './deploy-view.ts';
import type { FailedWorker } from './failed-worker.ts';
import { type Following, follow } from './follow.ts';

export interface Followed extends Omit<Following, 'what' | 'describe' | 'wayOut'> {
  readonly what: 'deploy' | 'scaling' | 'upgrade';
  readonly failed: FailedWorker;
}

const CANCEL = '--restart --cancel gives the deploy up';
const WAYS_OUT = {
  deploy: CANCEL,
  // With a command line: what it waits for is the deploy behind it.
  upgrade: CANCEL,
  scaling: '--scale with fewer workers takes it back',
} as const satisfies Record<Followed['what'], string>;

/** Returns the outcome, in words. Throws StartupError, with the last lines of the worker that has failed shown before. */
export async function followView(
  control: Connection,
  view: DeployView,
  { what, failed, ...followed }: Followed,
): Promise<string> {
  const following = {
    ...followed,
    what: `the ${what}`,
    describe: () => view.describe(),
    wayOut: WAYS_OUT[what],
  };
  try {
    const result = await follow(control, following, (event) => {
      view.take(event);
      failed.take(event);
      return view.result();
    });
    if (result.kind === 'done') return result.outcome;
    throw new StartupError(`${what} ${result.kind}: ${result.reason}`);
  } catch (error) {
    failed.showLastLines(control.hello.log);
    throw error;
  }
}
