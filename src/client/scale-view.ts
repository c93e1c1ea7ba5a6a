// How scaling looks to the client that asked for it, put together from the superdaemon's events.

import { sizeInWords } from '../control/pool-view.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import type { DeployView } from './deploy-view.ts';

/** `request`: the number that `scale-accepted` has for us. */
export function scaleView(request: number): DeployView {
  /** What we are to have; somebody else's word may come after ours. */
  let target: number | undefined;
  let allStarted = false;
  let failure: string | undefined;
  const leaving = new Set<number>();
  const starting = (worker: number) => `worker ${worker} is to start`;
  let activity = 'the request has not been taken up yet';
  const take = (event: LogEvent): void => {
    switch (event.event) {
      case 'request-refused':
        if (event.request === request) failure = event.reason;
        return;
      case 'scale-accepted':
        if (event.request === request) {
          target = event.workers;
          activity = `${target} workers are asked for`;
        } else if (target !== undefined && target !== event.workers) {
          failure = `another client has asked for ${event.workers} workers`;
        }
        return;
      case 'worker-signalled':
        if (target !== undefined && (event.worker ?? 0) >= target) leaving.add(event.pid);
        return;
      case 'worker-starting':
        activity = starting(event.worker ?? 0);
        return;
      case 'worker-died':
      case 'worker-failed-to-start':
        leaving.delete(event.pid);
        return;
      case 'worker-keeps-failing':
        failure = `worker ${event.worker} has failed to start ${event.attempts} times, and is tried on: ${event.reason}`;
        return;
      case 'all-started':
        allStarted = event.workers === target;
    }
  };
  return {
    take,
    result: () => {
      if (target === undefined && failure === undefined) return undefined;
      if (failure !== undefined) return { kind: 'failed', reason: failure };
      if (target === undefined || !allStarted || leaving.size > 0) return undefined;
      return { kind: 'done', outcome: `scaled: ${sizeInWords(target)}` };
    },
    describe: () =>
      allStarted ? `superfluous workers have not gone, pid ${[...leaving].join(', ')}` : activity,
  };
}
