import { describe, expect, it } from 'vitest';
import { deployView } from '../../src/client/deploy-view.ts';
import { wholePoolView } from '../../src/client/whole-pool-view.ts';
import type { LogEvent } from '../../src/superdaemon/log-event.ts';

const accepted: LogEvent = { event: 'request-accepted', request: 7, deploy: 1, workers: 3 };
const deployed: LogEvent = {
  ...{ event: 'deployed', deploy: 1, generation: 2, pid: 102, signal: 'SIGTERM' },
  ...{ oldPids: [], leaving: [] },
};
const scaled: LogEvent = { event: 'scaled', from: 1, to: 3 };
const all = (workers: number): LogEvent => ({ event: 'all-started', generation: 2, workers });
const failing: LogEvent = {
  ...{ event: 'worker-keeps-failing', generation: 2, worker: 1 },
  ...{ attempts: 3, reason: 'worker 103 ended with exit status 9' },
};

function seen(...events: readonly LogEvent[]) {
  const view = wholePoolView({
    request: 7,
    deploy: deployView({ request: 7, waitOld: true, left: [] }),
  });
  for (const event of events) view.take(event);
  return view;
}

describe('a client that deploys a pool', () => {
  it('waits for the workers that come behind the deploy, where the pool is to grow with it', () => {
    const waiting = seen(accepted, all(1), deployed, scaled);
    expect(waiting.result()).toBeUndefined();
    expect(waiting.describe()).toBe('not all of its workers have started');
    waiting.take(all(3));
    expect(waiting.result()).toEqual({ kind: 'done', outcome: 'deployed: generation 2, 3 workers' });
  });

  it('is told why one of them does not start', () => {
    expect(seen(accepted, failing, deployed, scaled).result()).toBeUndefined();
    expect(seen(accepted, deployed, scaled, failing).result()).toEqual({
      kind: 'incomplete',
      reason:
        'generation 2 serves, but worker 1 has failed to start 3 times, and is tried on: worker 103 ended with exit status 9',
    });
  });

  it('waits for nobody else where there is no pool', () => {
    const { workers, ...alone } = accepted;
    expect(seen(alone, deployed).result()).toEqual({
      kind: 'done',
      outcome: 'deployed: generation 2, pid 102',
    });
  });
});
