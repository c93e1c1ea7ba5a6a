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

  it('sees what becomes of the canary, whoever old crashes meanwhile', () => {
    const canary = { generation: 2, pid: 20, worker: 0 };
    const events: LogEvent[] = [
      { event: 'request-accepted', request: 7, deploy: 1, workers: 4 },
      { event: 'worker-starting', ...canary },
      { event: 'worker-started', ...canary, canary: true },
      { event: 'canary-started', ...canary, judgedInMs: 60_000 },
    ];
    const onTrial = '1 of 4 started; worker 20 is the canary of generation 2, judged in 60 secs';
    expect(seen(events).describe()).toBe(onTrial);
    const replacement = { generation: 1, pid: 14, worker: 1 };
    const crash: LogEvent = {
      event: 'worker-died',
      generation: 1,
      pid: 11,
      worker: 1,
      status: 9,
      role: 'current',
    };
    events.push(
      crash,
      { event: 'worker-starting', ...replacement },
      { event: 'worker-started', ...replacement },
    );
    expect(seen(events).describe()).toBe(onTrial);
    events.push({ event: 'canary-checking', ...canary });
    expect(seen(events).describe()).toBe('1 of 4 started; checking the canary, worker 20');
    const goesOn = (how: 'canary-passed' | 'canary-skipped') =>
      seen([...events, { event: how, ...canary }]).describe();
    expect(goesOn('canary-passed')).toBe(
      '1 of 4 started; the canary has passed, the deploy of generation 2 goes on',
    );
    expect(goesOn('canary-skipped')).toMatch(/^1 of 4 started; no old worker serves any more/);
    const reason = 'canary 20 was ended by SIGKILL';
    const refused: LogEvent = { event: 'canary-refused', deploy: 1, generation: 2, reason, keeps: 1 };
    expect(seen([...events, refused]).result()).toEqual({
      kind: 'failed',
      reason: `${reason}; generation 1 keeps serving, untouched`,
    });
  });

  it('sees a surge go from worker to worker, and waits for each that was told to go on the way', () => {
    const next = (worker: number): LogEvent[] => {
      const named = { generation: 2, pid: 20 + worker, worker };
      const rolled = { signal: 'SIGTERM', oldPids: [10 + worker] } as const;
      return [
        { event: 'worker-starting', ...named },
        { event: 'worker-started', ...named },
        { event: 'slot-rolled', ...named, ...rolled },
      ];
    };
    const events: LogEvent[] = [{ event: 'request-accepted', request: 7, deploy: 1, workers: 3 }, ...next(0)];
    expect(seen(events).describe()).toBe(
      '1 of 3 started; generation 2 has worker 0, the next waits for room',
    );
    events.push(died(10), ...next(1));
    expect(seen(events).describe()).toBe(
      '2 of 3 started; generation 2 has worker 1, the next waits for room',
    );
    events.push({ event: 'worker-starting', generation: 2, pid: 22, worker: 2 });
    expect(seen(events).describe()).toBe('2 of 3 started; generation 2, worker 2, pid 22, is starting');
    events.push(deployed(1, [12]));
    expect(seen(events).describe()).toBe('the old generation has not gone, pid 11, 12');
    expect(seen([...events, died(12)]).result()).toBeUndefined();
    expect(seen([...events, died(12), died(11)]).result()).toMatchObject({ kind: 'done' });
  });

  it('takes no notice of what a newer superdaemon says', () => {
    expect(seen([accepted(7, 1), { event: 'news' } as unknown as LogEvent]).result()).toBeUndefined();
  });
});
