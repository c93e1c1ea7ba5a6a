import type { Case } from '../case.ts';

const files = '--pid-file=pid --status-file=status';
/** A worker whose second attempt fails with that shell command. */
const failing = (second: string) => [
  'sh',
  '-c',
  `[ $SERVER_STARTER_GENERATION != 2 ] || ${second}; exec "$@"`,
  'sh',
  '{worker}',
];

export const lifeCases: readonly Case[] = [
  { name: 'TERM', words: `--interval=0 ${files} {worker}`, steps: ['settled'] },
  { name: 'INT', words: `--interval=0 ${files} {worker}`, steps: ['settled'], stop: 'INT' },
  { name: 'TERM with another signal', words: '--interval=0 --signal-on-term=USR1 {worker}', stop: 'TERM' },
  {
    name: 'INT with another signal for TERM',
    words: '--interval=0 --signal-on-term=USR1 {worker}',
    stop: 'INT',
  },
  { name: 'a HUP', words: `--interval=0 ${files} {worker}`, steps: ['settled', 'HUP'] },
  {
    name: 'eleven HUPs',
    words: `--interval=0 ${files} {worker}`,
    steps: ['settled', ...Array.from({ length: 10 }, () => 'HUP' as const)],
  },
  {
    name: 'a HUP with another signal',
    words: `--interval=0 --signal-on-hup=QUIT --signal-on-term=INT ${files} {worker}`,
    steps: ['settled', 'HUP'],
  },
  { name: 'a HUP with an interval', words: `--interval=1 ${files} {worker}`, steps: ['settled', 'HUP'] },
  {
    name: 'a HUP with a delay',
    words: `--interval=0 --kill-old-delay=1 ${files} {worker}`,
    steps: ['settled', 'HUP'],
  },
  { name: 'a worker that dies', words: `--interval=0 ${files} {worker}`, steps: ['settled', 'worker dies'] },
  {
    name: 'a worker that dies after a HUP',
    words: `--interval=0 ${files} {worker}`,
    steps: ['settled', 'HUP', 'worker dies', 'HUP'],
  },
  {
    name: 'a worker that dies, with an interval',
    words: `--interval=1 ${files} {worker}`,
    steps: ['settled', 'worker dies'],
  },
  {
    name: 'a new worker that fails to start with 3',
    words: ['--interval=1', ...files.split(' '), '--', ...failing('exit 3')],
    steps: ['settled', 'HUP'],
  },
  {
    name: 'a new worker that fails to start with 0',
    words: ['--interval=1', ...files.split(' '), '--', ...failing('exit 0')],
    steps: ['settled', 'HUP'],
  },
  {
    name: 'a new worker that is killed as it starts',
    words: ['--interval=1', ...files.split(' '), '--', ...failing('kill -9 $$')],
    steps: ['settled', 'HUP'],
  },
  { name: 'TERM while a worker is being tried', words: `--interval=5 ${files} {worker}` },
  { name: 'INT while a worker is being tried', words: '--interval=5 {worker}', stop: 'INT' },
  {
    name: 'ALRM, CHLD, CONT, WINCH, PIPE are harmless',
    words: `--interval=0 ${files} {worker}`,
    steps: [
      'settled',
      ...['ALRM', 'CHLD', 'CONT', 'WINCH', 'PIPE'].map((send) => ({ send, until: /starting new worker/ })),
      'HUP',
    ],
  },
  {
    name: 'an automatic restart',
    words: `--interval=0 --enable-auto-restart --auto-restart-interval=4 --kill-old-delay=0 ${files} {worker}`,
    steps: [{ until: /old worker \d+ died/ }],
    stop: 'TERM',
  },
  {
    name: 'QUIT',
    words: `--interval=0 ${files} {worker}`,
    steps: ['settled'],
    stop: 'QUIT',
    differences: ['QUIT stops as INT does'],
  },

  // Documented differences.
  {
    name: 'USR1',
    words: `--interval=0 ${files} {worker}`,
    steps: ['settled', { send: 'USR1', until: /starting/ }],
    differences: ['USR1 ends nothing'],
  },
  {
    name: 'an unknown signal for HUP',
    words: '--interval=0 --signal-on-hup=BOGUS {worker}',
    differences: ['an unknown signal'],
  },
  {
    name: 'an unknown signal for TERM',
    words: '--interval=0 --signal-on-term=SIGBOGUS {worker}',
    stop: 'INT',
    differences: ['an unknown signal'],
  },
  {
    name: 'a program that is not there',
    words: '-- ./missing',
    first: /seems to have failed/,
    differences: ['a program that cannot be run'],
  },
  {
    name: 'a directory for the worker that is not there',
    words: '--dir=missing -- {worker}',
    first: /seems to have failed/,
    differences: ['a directory that is not there'],
  },
  {
    name: 'more than nine generations at a time',
    words: [
      '--interval=0',
      '--status-file=status',
      '--signal-on-hup=USR1',
      '--',
      'perl',
      '-e',
      '$SIG{USR1} = "IGNORE"; exec @ARGV',
      '{worker}',
    ],
    steps: [
      'settled',
      ...Array.from({ length: 9 }, (_, n) => ({
        send: 'HUP',
        until: new RegExp(`(killing old workers[\\s\\S]*){${n + 1}}`),
      })),
    ],
    differences: ['the status file is sorted by number', 'an old worker is told to go once'],
  },
  {
    name: 'a dead worker and the status file',
    words: '--interval=2 --status-file=status {worker}',
    steps: ['settled', { send: 'KILL', to: 'worker', until: /(starting new worker[\s\S]*){2}/ }],
    differences: ['a dead worker leaves the status file at once'],
  },
  {
    name: 'an empty directory name',
    words: ['--dir', '', '--', '{worker}'],
    first: /seems to have failed/,
    differences: ['a directory that is not there'],
  },
];
