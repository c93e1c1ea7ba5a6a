import type { Case } from '../case.ts';

const words = '--interval=0 --pid-file=pid --status-file=status --path=socket -- {worker}';
const restart = { client: '--restart --pid-file=pid --status-file=status' };
const stopIt = { client: '--stop --pid-file=pid' };

const quiet = ['--stop says nothing when all is well'];

/** Run by every pair of client and superdaemon. */
export const clientCases: readonly Case[] = [
  { name: '--restart', words, steps: ['settled', restart] },
  {
    name: '--restart twice, then --stop',
    words,
    steps: ['settled', restart, restart, stopIt],
    stop: 'itself',
    differences: quiet,
  },
  { name: '--stop', words, steps: ['settled', stopIt], stop: 'itself', differences: quiet },
  {
    name: '--stop of a worker that takes its own signal',
    words: words.replace('--path', '--signal-on-term=INT --path'),
    steps: ['settled', stopIt],
    stop: 'itself',
    differences: quiet,
  },
  {
    name: 'clients that are given all that the superdaemon is given',
    words,
    steps: [
      'settled',
      { client: `--restart ${words.replace('{worker}', 'true')}` },
      { client: `--stop ${words.replace('{worker}', 'true')}` },
    ],
    stop: 'itself',
    differences: [...quiet, 'a client says what it ignores'],
  },
  {
    name: '--restart with an interval and a delay',
    words: words.replace('--interval=0', '--interval=1 --kill-old-delay=1'),
    steps: ['settled', restart],
  },
  {
    name: '--restart without its files',
    words,
    steps: [
      'settled',
      { client: '--restart' },
      { client: '--restart --status-file=status' },
      { client: '--restart --pid-file=missing --status-file=status' },
      { client: '--restart --pid-file=pid --status-file=missing' },
    ],
  },
  {
    name: '--stop without its file',
    words,
    steps: ['settled', { client: '--stop' }, { client: '--stop --pid-file=missing' }],
  },
  {
    name: '--restart beats --stop',
    words,
    steps: ['settled', { client: '--stop --restart --pid-file=pid --status-file=status' }],
    differences: ['a client says what it ignores'],
  },
  {
    name: 'a daemon',
    words: `--daemonize --log-file=log ${words}`,
    steps: ['settled', restart, stopIt],
    stop: 'itself',
    differences: [...quiet, 'a daemon names its own pid'],
  },
];

/** Documented differences of our client. */
export const ownClientCases: readonly Case[] = [
  {
    name: '--stop with the pid of somebody else',
    words: ['--interval=0', '--', 'sh', '-c', 'sleep 1000 & echo $! > victim; exec "$@"', 'sh', '{worker}'],
    steps: [{ client: '--stop --pid-file=victim' }],
    differences: ['a pid file that nobody locks'],
  },
];
