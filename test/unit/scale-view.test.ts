import { describe, expect, it } from 'vitest';
import { scaleView } from '../../src/client/scale-view.ts';
import type { LogEvent } from '../../src/superdaemon/log-event.ts';

const accepted = (request: number, workers: number): LogEvent => ({
  event: 'scale-accepted',
  request,
  workers,
});
const all = (workers: number): LogEvent => ({ event: 'all-started', generation: 1, workers });
const worker = (slot: number) => ({ generation: 1, worker: slot, pid: 100 + slot });
const told = (slot: number): LogEvent => ({ event: 'worker-signalled', ...worker(slot), signal: 'SIGTERM' });
const died = (slot: number): LogEvent => ({ event: 'worker-died', ...worker(slot), status: 0, role: 'old' });

function seen(...events: readonly LogEvent[]) {
  const view = scaleView(7);
  for (const event of events) view.take(event);
  return view;
}

describe('a client that scales', () => {
  it('is done when all have started', () => {
    expect(seen(all(3), accepted(7, 3)).result()).toBeUndefined();
    expect(seen(accepted(7, 3), all(3)).result()).toEqual({ kind: 'done', outcome: 'scaled: 3 workers' });
  });

  it('is done with the size that a deploy of new options brings meanwhile', () => {
    const growing = seen(accepted(7, 3), { event: 'scaled', from: 2, to: 4 }, told(3));
    expect(growing.result()).toBeUndefined();
    growing.take(all(4));
    expect(growing.result()).toEqual({ kind: 'done', outcome: 'scaled: 4 workers' });
    // As many as there were before, so that nobody says `scaled`.
    expect(seen(accepted(7, 3), all(2)).result()).toEqual({ kind: 'done', outcome: 'scaled: 2 workers' });
  });

  it('waits for those to go that are superfluous, and for nobody else', () => {
    const waiting = seen(accepted(7, 2), told(2), told(0), all(2));
    expect(waiting.result()).toBeUndefined();
    expect(waiting.describe()).toBe('superfluous workers have not gone, pid 102');
    expect(seen(accepted(7, 2), told(2), all(2), died(2)).result()).toEqual({
      kind: 'done',
      outcome: 'scaled: 2 workers',
    });
  });

  it('is told why a worker does not start', () => {
    const failing: LogEvent = {
      ...{ event: 'worker-keeps-failing', generation: 1, worker: 2 },
      ...{ attempts: 3, reason: 'worker 102 ended with exit status 1' },
    };
    expect(seen(accepted(7, 3), failing).result()).toEqual({
      kind: 'failed',
      reason: 'worker 2 has failed to start 3 times, and is tried on: worker 102 ended with exit status 1',
    });
  });

  it('is told that it is refused, or that another has the last word', () => {
    const refused: LogEvent = { event: 'request-refused', request: 7, reason: 'the superdaemon is stopping' };
    expect(seen(refused).result()).toEqual({ kind: 'failed', reason: 'the superdaemon is stopping' });
    expect(seen({ ...refused, request: 8 }).result()).toBeUndefined();
    expect(seen(accepted(7, 3), accepted(8, 5)).result()).toEqual({
      kind: 'failed',
      reason: 'another client has asked for 5 workers',
    });
  });
});
