import { describe, expect, it } from 'vitest';
import { deployView } from '../../src/client/deploy-view.ts';
import type { LogEvent } from '../../src/superdaemon/log-event.ts';

const accepted = (request: number, deploy: number): LogEvent => ({
  event: 'request-accepted',
  request,
  deploy,
});
const deployed = (deploy: number | undefined, leaving: readonly number[]): LogEvent => ({
  event: 'deployed',
  deploy,
  generation: 2,
  pid: 20,
  signal: 'SIGTERM',
  oldPids: leaving,
  leaving,
});
const died = (pid: number): LogEvent => ({
  event: 'worker-died',
  generation: 1,
  pid,
  status: 0,
  role: 'old',
});
const givenUp = (deploy: number): LogEvent => ({
  event: 'given-up',
  deploy,
  attempts: 2,
  reason: 'worker 21 ended with exit status 1',
  keeps: 1,
});

const refused = (request: number): LogEvent => ({
  event: 'request-refused',
  request,
  reason: 'the superdaemon is stopping',
});

function seen(events: readonly LogEvent[], waitOld = true) {
  const view = deployView({ request: 7, waitOld, left: [] });
  for (const event of events) view.take(event);
  return view;
}

describe('a client', () => {
  it.each<[string, LogEvent[], boolean, 'done' | 'failed' | undefined]>([
    [
      'is done when the old workers have gone',
      [accepted(7, 3), deployed(3, [10, 11]), died(10), died(11)],
      true,
      'done',
    ],
    ['waits for the last of them', [accepted(7, 3), deployed(3, [10, 11]), died(10)], true, undefined],
    ['need not wait for them', [accepted(7, 3), deployed(3, [10])], false, 'done'],
    ['is done at once when there are none', [accepted(7, 3), deployed(3, [])], true, 'done'],
    ['takes a later deploy for its own', [accepted(7, 3), deployed(4, [])], true, 'done'],
    ['does not take an earlier one for its own', [accepted(7, 3), deployed(2, [])], true, undefined],
    ["does not take another client's for its own", [accepted(8, 3), deployed(3, [])], true, undefined],
    ['does not take a replacement for its own', [accepted(7, 3), deployed(undefined, [])], true, undefined],
    ['hears that its deploy was given up', [accepted(7, 3), givenUp(3)], true, 'failed'],
    ['does not mind that an earlier one was', [accepted(7, 3), givenUp(2)], true, undefined],
    [
      'does not mind what fails after its own',
      [accepted(7, 3), deployed(3, [10]), givenUp(4), died(10)],
      true,
      'done',
    ],
    ['hears that its request was refused', [refused(7)], true, 'failed'],
    ["does not mind that another client's was", [refused(8)], true, undefined],
    ['says nothing about what happened before it asked', [deployed(3, []), accepted(7, 4)], true, undefined],
  ])('%s', (_, events, waitOld, kind) => {
    expect(seen(events, waitOld).result()?.kind).toBe(kind);
  });

  it('is told why', () => {
    expect(seen([accepted(7, 1), givenUp(1)]).result()).toEqual({
      kind: 'failed',
      reason: 'gave up after 2 attempts, generation 1 keeps serving: worker 21 ended with exit status 1',
    });
  });

  it('knows what it waits for', () => {
    const events: LogEvent[] = [accepted(7, 1), { event: 'worker-starting', generation: 2, pid: 20 }];
    expect(seen([]).describe()).toBe('the request has not been taken up yet');
    expect(seen(events).describe()).toBe('generation 2, pid 20, is starting');
    expect(seen([...events, deployed(1, [10, 11])]).describe()).toBe(
      'the old generation has not gone, pid 10, 11',
    );
  });

  it('sees how many of a pool have started', () => {
    const named = (worker: number, pid: number) => ({ generation: 2, pid, worker });
    const starting = (worker: number, pid: number): LogEvent => ({
      event: 'worker-starting',
      ...named(worker, pid),
    });
    const started = (worker: number, pid: number): LogEvent => ({
      event: 'worker-started',
      ...named(worker, pid),
    });
    const old: LogEvent = { event: 'worker-started', generation: 1, pid: 10, worker: 0 };
    const events: LogEvent[] = [old, { event: 'request-accepted', request: 7, deploy: 1, workers: 4 }];
    expect(seen(events).describe()).toBe('the request has not been taken up yet');
    events.push(starting(0, 20), starting(1, 21), started(1, 21), started(0, 20), old, starting(2, 22));
    expect(seen(events).describe()).toBe('2 of 4 started; generation 2, worker 2, pid 22, is starting');
    events.push({ event: 'worker-failed-to-start', ...named(1, 21), status: 256 });
    expect(seen(events).describe()).toMatch(/^1 of 4 started; /);
  });

  it('takes no notice of what a newer superdaemon says', () => {
    expect(seen([accepted(7, 1), { event: 'news' } as unknown as LogEvent]).result()).toBeUndefined();
  });
});
