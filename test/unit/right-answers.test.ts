// What the load tests make of a history: everything that a superdaemon and its workers can do is right, and nothing else is.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slotsHeldTwice } from '../support/held-twice.ts';
import { type Answerer, answererIn, type Request } from '../support/history.ts';
import { livesIn } from '../support/lives.ts';
import { type Told, textLog, toldIn } from '../support/told.ts';
import { wrongAnswers } from '../support/wrong-answers.ts';

type Words = { readonly event: string; readonly [field: string]: unknown };

const lines = (events: readonly (readonly [number, Words])[]) =>
  events
    .map(
      ([atMs, event]) =>
        `${JSON.stringify({ level: 'info', time: new Date(atMs).toISOString(), ...event })}\n`,
    )
    .join('');
const told = (...events: readonly (readonly [number, Words])[]): readonly Told[] => toldIn(lines(events));
const asked = (beganMs: number, endedMs: number, answerer?: Answerer, connection?: number): Request => ({
  ...{ beganMs, endedMs, answerer },
  ...(connection !== undefined && { connection }),
});

/** Generation 1 is replaced by 2, after an attempt that fails. */
const deploy = told(
  [1000, { event: 'starting', message: '' }],
  [1001, { event: 'worker-starting', generation: 1, pid: 11 }],
  [2000, { event: 'worker-started', generation: 1, pid: 11 }],
  [3000, { event: 'hup', deploy: 1 }],
  [3005, { event: 'worker-starting', generation: 2, pid: 12 }],
  [3500, { event: 'worker-failed-to-start', generation: 2, pid: 12, status: 256 }],
  [4000, { event: 'retry-scheduled', inMs: 500 }],
  [4500, { event: 'worker-starting', generation: 3, pid: 13 }],
  [5500, { event: 'deployed', generation: 3, pid: 13, oldPids: [11], leaving: [11], signal: 'SIGTERM' }],
  [5600, { event: 'worker-died', generation: 1, pid: 11, status: 0, role: 'old' }],
);
const wrong = (...requests: readonly Request[]) => wrongAnswers(requests, livesIn(deploy));

describe('an answer is right', () => {
  it.each([
    ['of the worker that serves', asked(2500, 2501, { generation: 1, pid: 11 })],
    ['of a new one, as soon as it may have been started', asked(3000, 3000, { generation: 2, pid: 12 })],
    ['of an old one that was told to go, until it has gone', asked(5600, 9999, { generation: 1, pid: 11 })],
    ['of one that fails to start, until it has gone', asked(3499, 3600, { generation: 2, pid: 12 })],
    ['that names the generation alone', asked(5000, 5001, { generation: 3 })],
    ['that was lost', asked(9000, 9001)],
  ])('%s', (_what, request) => {
    expect(wrong(request)).toEqual([]);
  });

  it('of processes that workers have started, where it is they that answer', () => {
    const [one, other] = [
      asked(2500, 2501, { generation: 1, pid: 71 }),
      asked(6000, 6001, { generation: 3, pid: 72 }),
    ];
    expect(wrong(one, other)).toEqual([]);
  });

  it('of the processes that a dead worker has left behind, until the last has gone', () => {
    const lives = livesIn(
      told(
        [1001, { event: 'worker-starting', generation: 1, pid: 11 }],
        [1500, { event: 'worker-leaves', generation: 1, pid: 11, left: [21, 22] }],
        [1500, { event: 'worker-died', generation: 1, pid: 11, status: 0, role: 'old' }],
        [1600, { event: 'left-process-ended', generation: 1, pid: 21 }],
        [1700, { event: 'left-process-ended', generation: 1, pid: 22 }],
      ),
    );
    expect(wrongAnswers([asked(1650, 1651, { generation: 1 })], lives)).toEqual([]);
    expect(wrongAnswers([asked(1702, 1703, { generation: 1 })], lives)).toHaveLength(1);
  });

  it('of a tree that is watched as one, until it has ended', () => {
    const lives = livesIn(
      told(
        [1001, { event: 'worker-starting', generation: 1, pid: 11 }],
        [1500, { event: 'worker-outlived', generation: 1, pid: 11, left: [21] }],
        [1700, { event: 'worker-tree-ended', generation: 1, pid: 11 }],
        [1800, { event: 'worker-died', generation: 1, pid: 11, status: 0, role: 'old' }],
      ),
    );
    expect(wrongAnswers([asked(1650, 1651, { generation: 1 })], lives)).toEqual([]);
    expect(wrongAnswers([asked(1801, 1802, { generation: 1 })], lives)).toHaveLength(1);
  });

  it('of a worker whose superdaemon was killed before it could say that it had started one', () => {
    const lives = livesIn(told([1000, { event: 'taken-over', generation: 7, pid: 17 }]));
    expect(wrongAnswers([asked(500, 501, { generation: 7, pid: 17 })], lives)).toEqual([]);
  });
});

describe('an answer is wrong', () => {
  it.each([
    [
      'of a generation that was never started',
      asked(2500, 2501, { generation: 4 }),
      'generation 4 answered although it was never started',
    ],
    [
      'of a worker that was not started yet',
      asked(2500, 2999, { generation: 2, pid: 12 }),
      'process 12 of generation 2 answered 1 ms before it was started',
    ],
    [
      'of an old one that had gone',
      asked(5603, 5700, { generation: 1, pid: 11 }),
      'process 11 of generation 1 answered a request that began 3 ms after it had gone',
    ],
    [
      'of a release that had failed',
      asked(3501, 3502, { generation: 2 }),
      'generation 2 answered a request that began 1 ms after it had gone',
    ],
    [
      'of another process than its generation has',
      asked(5000, 5001, { generation: 3, pid: 12 }),
      'process 12 of generation 3 answered although it was never started',
    ],
  ])('%s', (_what, request, words) => {
    expect(wrong(request)).toEqual([words]);
  });

  it('of a process that is no worker, where workers answer themselves', () => {
    const [own, other] = [
      asked(2500, 2501, { generation: 1, pid: 11 }),
      asked(2600, 2601, { generation: 1, pid: 99 }),
    ];
    expect(wrong(own, other)).toEqual(['process 99 of generation 1 answered although it was never started']);
  });

  it('on a connection that another process has accepted', () => {
    const [one, other] = [
      asked(5510, 5511, { generation: 1, pid: 11 }, 1),
      asked(5520, 5521, { generation: 3, pid: 13 }, 1),
    ];
    expect(wrong(one, other)).toEqual([
      'process 13 of generation 3 answered on a connection of process 11 of generation 1',
    ]);
  });
});

describe('a slot', () => {
  const starting = (pid: number) => ({ event: 'worker-starting', generation: 1, worker: 0, pid });
  it.each([
    ['died', { event: 'worker-died', generation: 1, pid: 11, status: 0, role: 'current' }],
    ['is late', { event: 'worker-late', generation: 1, pid: 11, timeoutMs: 1, signal: 'SIGTERM' }],
    ['is recycled', { event: 'recycling', generation: 1, pid: 11, reason: 'age', ageMs: 1 }],
  ])('is given to another worker when its own %s', (_what, event) => {
    expect(slotsHeldTwice(told([1, starting(11)], [2, event], [3, starting(12)]))).toEqual([]);
  });

  it('is not held by two at once', () => {
    expect(slotsHeldTwice(told([1, starting(11)], [3, starting(12)]))).toEqual([
      'worker 12 is started for slot 0 of generation 1, which 11 holds',
    ]);
  });
});

/** A worker's true life, and what is told of it: later than it was, never earlier, and nothing else between its birth and that. */
interface TrueLife {
  readonly generation: number;
  readonly pid: number;
  readonly bornMs: number;
  readonly bornToldMs: number;
  readonly goneMs: number;
  readonly goneToldMs: number;
}

const gap = (max: number) => fc.integer({ min: 0, max });
const step = fc.record({ rests: gap(1000), toldLate: gap(50), lives: gap(3000), diedLate: gap(50) });
const service = fc.array(step, { minLength: 1, maxLength: 8 }).map((steps) => {
  let nowMs = 0;
  const births = steps.map(({ rests, toldLate, lives, diedLate }, index) => {
    const bornMs = nowMs + rests;
    nowMs = bornMs + toldLate;
    const goneMs = bornMs + lives;
    return { ...{ generation: index + 1, pid: 100 + index, bornMs, bornToldMs: nowMs, goneMs }, diedLate };
  });
  return births.map(({ diedLate, ...birth }): TrueLife => {
    const soonMs = Math.max(birth.goneMs + diedLate, birth.bornToldMs);
    const during = births.find(({ bornMs, bornToldMs }) => bornMs <= soonMs && soonMs < bornToldMs);
    return { ...birth, goneToldMs: during?.bornToldMs ?? soonMs };
  });
});
const chosen = fc.record({
  who: fc.nat(),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  before: fc.nat(400),
  after: fc.nat(400),
});

function eventsOf(lives: readonly TrueLife[]): readonly Told[] {
  // What the superdaemon does before each birth: it has decided on it.
  const events = lives.flatMap(({ generation, pid, bornMs, bornToldMs, goneToldMs }) => [
    [bornMs, 2 * pid, { event: 'retry-scheduled', inMs: 0 }] as const,
    [bornToldMs, 2 * pid + 1, { event: 'worker-starting', generation, pid }] as const,
    [
      goneToldMs,
      Number.POSITIVE_INFINITY,
      { event: 'worker-died', generation, pid, status: 0, role: 'old' },
    ] as const,
  ]);
  return told(
    ...events
      .sort(([a, i], [b, j]) => a - b || (i < j ? -1 : 1))
      .map(([atMs, , event]) => [atMs, event] as const),
  );
}

describe('of histories that are made up', () => {
  it('each that can happen is right', () => {
    fc.assert(
      fc.property(service, fc.array(chosen, { maxLength: 20 }), (lives, choices) => {
        const requests = choices.flatMap(({ who, at, before, after }) => {
          const worker = lives[who % lives.length];
          if (worker === undefined) return [];
          const servedMs = Math.round(worker.bornMs + at * (worker.goneMs - worker.bornMs));
          return [asked(servedMs - before, servedMs + after, worker)];
        });
        expect(wrongAnswers(requests, livesIn(eventsOf(lives)))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('each in which somebody answers after it was told of as gone is not', () => {
    fc.assert(
      fc.property(service, chosen, fc.boolean(), (lives, { who, before, after }, namesPid) => {
        const worker = lives[who % lives.length];
        if (worker === undefined) return;
        const { generation, pid, goneToldMs } = worker;
        const answerer = namesPid ? { generation, pid } : { generation };
        const late = asked(goneToldMs + 1 + before, goneToldMs + 1 + before + after, answerer);
        expect(wrongAnswers([late], livesIn(eventsOf(lives)))).toHaveLength(1);
      }),
      { numRuns: 300 },
    );
  });

  it('each in which somebody answers before anything led to it is not', () => {
    fc.assert(
      fc.property(service, chosen, (lives, { before }) => {
        const events = eventsOf(lives);
        const { pid, generation } = lives.at(-1) ?? { pid: 0, generation: 0 };
        const earlier =
          events[events.findIndex((each) => each.event === 'worker-starting' && each.pid === pid) - 1];
        const endedMs = (earlier?.atMs ?? 0) - 1;
        expect(
          wrongAnswers([asked(endedMs - before, endedMs, { generation, pid })], livesIn(events)),
        ).toHaveLength(1);
      }),
      { numRuns: 300 },
    );
  });
});

describe('what is read', () => {
  it('of an answer: who has given it', () => {
    expect(answererIn('hello from pid 4711, generation 3\n')).toEqual({ generation: 3, pid: 4711 });
    expect(answererIn('X-Generation: 3\r\n')).toEqual({ generation: 3 });
    expect(answererIn('nobody')).toBeUndefined();
  });

  it('of a log in JSON: events, and its lines as they would be in text, as they become complete', () => {
    const whole = `${lines([[1, { event: 'worker-starting', generation: 1, pid: 11 }]])}a worker’s own\n${lines(
      [
        [2, { event: 'worker-started', generation: 1, pid: 11 }],
        [3, { event: 'exiting' }],
      ],
    )}`;
    expect(toldIn(whole).map(({ event, atMs }) => [event, atMs])).toEqual([
      ['worker-starting', 1],
      ['worker-started', 2],
      ['exiting', 3],
    ]);
    const text = textLog();
    for (let length = 0; length < whole.length; length += 7) text(whole.slice(0, length));
    expect(text(whole)).toBe('starting new worker 11\na worker’s own\nexiting\n');
  });
});
