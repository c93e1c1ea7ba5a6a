import { expect, it } from 'vitest';
import { type StatusWorld, statusSource } from '../../src/control/status-source.ts';
import type { LogEvent } from '../../src/superdaemon/log-event.ts';

function open() {
  const subscribers: ((event: LogEvent) => void)[] = [];
  const world: StatusWorld = {
    now: () => 1000,
    subscribe: (subscriber) => void subscribers.push(subscriber),
    log: { kind: 'standard-error' },
    listeners: () => [],
    earlierListeners: () => [],
    unreachable: () => [],
    left: () => [],
    going: undefined,
    hooks: undefined,
    inherited: undefined,
  };
  return {
    ...statusSource(world),
    tell: (event: LogEvent) => {
      for (const each of subscribers) each(event);
    },
  };
}

it('who has the workers is told everything else, until something happens', () => {
  const status = open();
  status.tell({ event: 'worker-starting', generation: 1, pid: 12 });
  const { workers, revision, ...others } = status.hello(7, 'status');
  expect(workers).toMatchObject([{ pid: 12, phase: 'starting' }]);
  expect(status.unchanged(7, revision)).toEqual({ ...others, revision });
  status.tell({ event: 'worker-started', generation: 1, pid: 12 });
  expect(status.unchanged(7, revision)).toBeUndefined();
  expect(status.hello(7, 'status').workers).toMatchObject([{ phase: 'current' }]);
});

it('who has none, or those of the program before an upgrade, is told of all', () => {
  const { revision } = open().hello(7, 'status');
  const status = open();
  expect(status.unchanged(7, undefined)).toBeUndefined();
  expect(status.unchanged(7, revision)).toBeUndefined();
});
