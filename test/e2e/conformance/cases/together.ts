// Combinations that people use.

import type { Case } from '../case.ts';

export const togetherCases: readonly Case[] = [
  {
    name: 'a Plack server on a port',
    words: '--port={port} --interval=0 -- {worker} -s Starlet --max-workers=100 index.psgi',
    steps: ['settled', 'HUP'],
  },
  {
    name: 'unicorn on a Unix socket',
    words:
      '--path={dir}/server.sock --signal-on-hup=QUIT --signal-on-term=QUIT --status-file={dir}/status --pid-file={dir}/pid --interval=0 -- {worker} -c config.ru',
    steps: ['settled', 'HUP'],
  },
  {
    name: 'TCP, UDP and a Unix socket',
    words:
      '--port=127.0.0.1:{port} --port=127.0.0.1:u{port2} --path=socket --backlog=1024 --interval=0 -- {worker}',
    steps: ['settled', 'HUP'],
  },
  {
    name: 'an envdir and automatic restarts',
    words:
      '--envdir=env --enable-auto-restart --auto-restart-interval=300 --kill-old-delay=1 --status-file=status --interval=0 --port={port} -- {worker}',
    files: { 'env/RELEASE': '1\n' },
    steps: ['settled', { write: 'env/RELEASE', text: '2\n' }, 'HUP'],
  },
  {
    name: 'under nohup, with a log file',
    words: '--log-file=log --pid-file=pid --status-file=status --port={port} --interval=0 -- {worker}',
    via: ['nohup'],
    steps: ['settled', 'HUP', 'worker dies'],
  },
  {
    name: 'daemonized',
    words:
      '--daemonize --log-file=log --pid-file=pid --status-file=status --port={port} --path=socket --interval=0 -- {worker}',
    steps: ['settled', 'HUP', 'worker dies'],
    differences: ['a daemon names its own pid'],
  },
  {
    name: 'daemonized, with a log command',
    words: [
      '--daemonize',
      '--log-file=| cat >> log',
      '--pid-file=pid',
      '--status-file=status',
      '--interval=0',
      '--',
      '{worker}',
    ],
    steps: ['settled', 'HUP'],
    differences: ['a daemon names its own pid'],
  },
  {
    name: 'daemonized, with a socket as standard input',
    words:
      '--daemonize --log-file=log --pid-file=pid --status-file=status --port={port}=0 --interval=0 -- {worker}',
    differences: ['no line about chosen descriptors', 'a daemon names its own pid'],
    steps: ['settled'],
  },
  {
    name: 'daemonized, with a directory and a umask',
    words:
      '--daemonize --log-file=log --pid-file=pid --status-file=status --dir=inner --interval=0 -- {worker}',
    files: { 'inner/': '' },
    environment: { CALLER_UMASK: '077', CALLER_IGNORE: 'HUP' },
    steps: ['settled', 'HUP'],
    differences: ['a daemon names its own pid'],
  },
  {
    name: 'daemonized, with a port that cannot be had',
    ends: true,
    words:
      '--daemonize --log-file=log --pid-file=pid --status-file=status --port=192.0.2.1:{port} -- {worker}',
    differences: ['a daemon that failed names its own pid'],
  },
];
