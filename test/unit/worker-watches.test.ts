import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type WatchingWorld, workerWatches } from '../../src/host/worker-watches.ts';
import type { Attempt } from '../../src/superdaemon/host.ts';
import { NOT_RECYCLED } from '../../src/superdaemon/recycling.ts';
import type { Worker } from '../../src/superdaemon/worker.ts';
import type { Watch, WatchCallbacks } from '../../src/workers/readiness.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const WORKER: Worker = {
  ordinal: 1,
  slot: 0,
  generation: 1,
  attempt: 1,
  pid: 4711,
  phase: { name: 'started' },
  heardAt: undefined,
  startedAt: undefined,
  recycling: NOT_RECYCLED,
  outlived: undefined,
};
const ATTEMPT: Attempt = { ordinal: 1, generation: 1, attempt: 1, place: undefined, frozen: undefined };

/** The watches, what their only worker says (set once it is watched), what is told of it, and its end. */
function watching(inherited?: WatchingWorld['inherited'], treeOf: WatchingWorld['treeOf'] = () => []) {
  const told: string[] = [];
  const deaths: ((status: number) => void)[] = [];
  let worker: WatchCallbacks | undefined;
  const hear = (callbacks: WatchCallbacks): Watch => {
    worker = callbacks;
    return {
      variables: new Map(),
      begin: () => {},
      look: () => {},
      forSuccessor: () => ({ pipe: undefined, socket: undefined }),
      [Symbol.dispose]: () => {},
    };
  };
  const watches = workerWatches({
    watchWorkerOf: () => ({
      open: (_, callbacks) => hear(callbacks),
      inherit: (_, __, callbacks) => hear(callbacks),
    }),
    events: {
      watch: (_, died = () => {}) => void deaths.push(died),
      push: ({ kind }) => void told.push(kind),
    },
    log: { write: (event) => void told.push('text' in event ? event.text : event.event) },
    left: { died: () => {} },
    treeOf,
    mains: { named: () => {}, died: () => {} },
    preloaded: () => {},
    inherited,
  });
  return { watches, told, die: () => deaths[0]?.(0), say: (text: string) => worker?.status(text) };
}

describe('the last STATUS of a worker that has just said another one', () => {
  it('is told before its death is', () => {
    const { watches, told, die, say } = watching();
    watches.attend(WORKER, watches.open(ATTEMPT));
    say('loading');
    say('out of memory');
    die();
    expect(told).toEqual(['loading', 'out of memory', 'death']);
  });

  it('is told by the program that takes over', () => {
    const { watches, say } = watching();
    watches.attend(WORKER, watches.open(ATTEMPT));
    say('loading');
    say('loaded');
    const inherited = {
      watches: watches.forSuccessor(),
      events: [],
      orphans: [],
      table: { workers: [WORKER], configurations: [{ since: 1, isPool: false }] },
    };
    expect(watching(inherited).told).toEqual(['loaded']);
  });
});

it('the death of a worker is told, though nobody can tell whom it has left', () => {
  const { watches, told, die } = watching(undefined, () => {
    throw new Error('no descriptor is left');
  });
  watches.attend({ ...WORKER, worker: undefined }, watches.open(ATTEMPT));
  expect(die).toThrow('no descriptor is left');
  expect(told).toContain('death');
});
