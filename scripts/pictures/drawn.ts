// The pictures that explain. Nothing in them is measured, so they come out the same each time.
import { processes } from './processes.ts';
import { timeline } from './timeline.ts';

const sockets = (to: number, text = 'open the whole time') => ({
  name: 'sockets',
  bars: [{ from: 0, to, colour: 'socket', text } as const],
});

// The third one starts when the first has started.
const newWorkers = [
  { from: 20, started: 44 },
  { from: 20, started: 48 },
  { from: 44, started: 72 },
];

export const drawn: Readonly<Record<string, () => string>> = {
  'timeline.svg': () =>
    timeline({
      title:
        'A deploy: the sockets stay open. On HUP generation 2 starts beside generation 1. Once it has started, generation 1 gets TERM, finishes its requests and ends.',
      until: 100,
      lanes: [
        sockets(100),
        {
          name: 'generation 1',
          bars: [
            { from: 0, to: 58, colour: 'old', text: 'serves' },
            { from: 58.4, to: 78, colour: 'line', text: '' },
          ],
        },
        {
          name: 'generation 2',
          bars: [
            { from: 25, to: 57.6, colour: 'next', text: 'starts' },
            { from: 58, to: 100, colour: 'new', text: 'serves' },
          ],
        },
      ],
      moments: [
        { at: 25, text: 'HUP' },
        { at: 58, text: 'started → TERM' },
        { at: 78, text: 'gone' },
      ],
      note: 'Grey: the old generation answers what it has, and takes nothing new. --restart returns at “gone”.',
    }),
  'broken-release.svg': () =>
    timeline({
      title:
        'A broken release: generations 2, 3 and 4 fail to start, the deploy is given up. Generation 1 is never told to go and serves all the time.',
      until: 100,
      lanes: [
        sockets(100),
        { name: 'generation 1', bars: [{ from: 0, to: 100, colour: 'new', text: 'serves, untouched' }] },
        { name: 'generation 2', bars: [{ from: 20, to: 30, colour: 'bad', text: 'fails' }] },
        { name: 'generation 3', bars: [{ from: 42, to: 52, colour: 'bad', text: 'fails' }] },
        { name: 'generation 4', bars: [{ from: 64, to: 74, colour: 'bad', text: 'fails' }] },
      ],
      moments: [
        { at: 20, text: 'HUP' },
        { at: 74, text: 'given up' },
      ],
      note: 'With --max-start-attempts=3. --restart exits 1 and says why.',
    }),
  'survival.svg': () =>
    timeline({
      title:
        'A superdaemon is killed by SIGKILL: its worker serves on with the sockets. The same command again takes worker and sockets over, starts generation 2, and only then tells generation 1 to go.',
      until: 100,
      lanes: [
        sockets(100, 'open the whole time: the worker has them, too'),
        {
          name: 'superdaemon',
          bars: [
            { from: 0, to: 25, colour: 'socket', text: 'watches' },
            { from: 50, to: 100, colour: 'socket', text: 'the same command, again' },
          ],
        },
        { name: 'generation 1', bars: [{ from: 0, to: 78, colour: 'old', text: 'serves' }] },
        {
          name: 'generation 2',
          bars: [
            { from: 53, to: 75, colour: 'next', text: 'starts' },
            { from: 75.4, to: 100, colour: 'new', text: 'serves' },
          ],
        },
      ],
      moments: [
        { at: 25, text: 'kill -9' },
        { at: 50, text: 'takes over' },
        { at: 76, text: 'TERM' },
      ],
      note: 'Between “kill -9” and “takes over” nobody replaces a worker that dies. Requests notice nothing.',
    }),
  'pool.svg': () =>
    timeline({
      title:
        'A deploy with three workers: all three new workers start beside the old ones. Only when the last of them has started are the old ones told to go.',
      until: 100,
      lanes: [
        sockets(100),
        ...[0, 1, 2].map((worker) => ({
          name: `old worker ${worker}`,
          bars: [{ from: 0, to: 76 + worker * 3, colour: 'old', text: 'serves' } as const],
        })),
        ...newWorkers.map(({ from, started }, worker) => ({
          name: `new worker ${worker}`,
          bars: [
            { from, to: started - 0.4, colour: 'next', text: 'starts' } as const,
            { from: started, to: 100, colour: 'new', text: 'serves' } as const,
          ],
        })),
      ],
      moments: [
        { at: 20, text: 'HUP' },
        { at: 72, text: 'all have started → TERM' },
      ],
      note: 'With --workers=3 --start-at-once=2: two start at a time.',
    }),
  'canary.svg': () =>
    timeline({
      title:
        'A deploy with a canary, and three workers: one new worker starts and serves beside all three old ones. When its time is over and its check has passed, the other two start; only then are the old ones told to go.',
      until: 100,
      lanes: [
        sockets(100),
        ...[0, 1, 2].map((worker) => ({
          name: `old worker ${worker}`,
          bars: [{ from: 0, to: 80 + worker * 3, colour: 'old', text: 'serves' } as const],
        })),
        {
          name: 'the canary',
          bars: [
            { from: 12, to: 23.6, colour: 'next', text: 'starts' },
            { from: 24, to: 100, colour: 'new', text: 'serves, and is watched' },
          ],
        },
        ...[1, 2].map((worker) => ({
          name: `new worker ${worker}`,
          bars: [
            { from: 64, to: 76.6 + worker, colour: 'next', text: 'starts' } as const,
            { from: 77 + worker, to: 100, colour: 'new', text: 'serves' } as const,
          ],
        })),
      ],
      moments: [
        { at: 12, text: 'HUP' },
        { at: 62, text: 'check passes' },
        { at: 79, text: 'TERM' },
      ],
      note: 'Had it died, or its check failed: the canary goes, the deploy has failed, and no old worker has noticed.',
    }),
  'processes.svg': processes,
};
