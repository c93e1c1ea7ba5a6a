import type { Case } from '../case.ts';

/** Speaks once the superdaemon has: who is first is not what is compared. */
const told = `until grep -qs 'starting new worker' log; do :; done; echo a worker says: out; echo a worker says: err >&2; exec "$@"`;

export const fileCases: readonly Case[] = [
  {
    name: 'every file, relative to the caller’s directory',
    words:
      '--interval=0 --dir=inner --pid-file=pid --status-file=status --log-file=log --path=socket {worker}',
    files: { 'inner/': '' },
    steps: ['settled', 'HUP'],
  },
  {
    name: 'every file, by absolute name',
    words:
      '--interval=0 --dir=/ --pid-file={dir}/pid --status-file={dir}/status --log-file={dir}/log --path={dir}/socket {worker}',
    steps: ['settled', 'HUP', 'worker dies'],
  },
  {
    name: 'a pid file and a status file left by a crash',
    words: '--interval=0 --pid-file=pid --status-file=status {worker}',
    files: { pid: '999999\n', status: '7:999998\n' },
    steps: ['settled'],
  },
  {
    name: 'a pid file and a log file with other modes',
    words: '--interval=0 --pid-file=pid --log-file=log {worker}',
    files: { pid: 'a longer text than a pid\n', log: 'a worker says: before\n' },
    prepare: 'chmod 600 pid log',
    steps: ['settled'],
  },
  {
    name: 'a pid file that is gone at the end',
    words: '--interval=0 --pid-file=pid --log-file=log {worker}',
    steps: ['settled', { remove: 'pid' }],
    differences: ['a pid file that is gone at exit is no news'],
  },
  {
    name: 'a status file that is gone at the end',
    words: '--interval=0 --status-file=status {worker}',
    steps: ['settled', { remove: 'status' }],
  },
  {
    name: 'a socket file that is gone at the end',
    words: '--interval=0 --path=socket {worker}',
    steps: ['settled', { remove: 'socket' }],
  },
  {
    name: 'a log file and the workers’ words',
    words: ['--interval=0', '--log-file=log', '--', 'sh', '-c', told, 'sh', '{worker}'],
    steps: ['settled'],
  },
  {
    name: 'a log file and a chosen descriptor',
    words: '--interval=0 --log-file=log --port={port}=9 {worker}',
    differences: ['no line about chosen descriptors'],
  },
  {
    name: 'a log file and a bind error',
    ends: true,
    words: '--log-file=log --port=192.0.2.1:{port} {worker}',
  },
  {
    name: 'a log command',
    words: ['--interval=0', '--log-file=| cat > log', '--', '{worker}'],
    steps: ['settled'],
  },
  {
    name: 'a log command without a blank',
    words: ['--interval=0', '--log-file=|cat >> log', '--', '{worker}'],
    steps: ['settled', 'HUP'],
  },
  {
    name: 'a log command after blanks',
    words: ['--interval=0', '--log-file=  | cat >> log', '--', '{worker}'],
    steps: ['settled'],
  },
  {
    name: 'a log command of several',
    words: ['--interval=0', '--log-file=| cat | cat > log', '--', '{worker}'],
    steps: ['settled'],
  },
  {
    name: 'a log command and the workers’ words',
    words: ['--interval=0', '--log-file=|cat >log', '--', 'sh', '-c', told, 'sh', '{worker}'],
    steps: ['settled'],
  },
  {
    name: 'a log command and a bind error',
    ends: true,
    words: ['--log-file=| cat > log', '--port=192.0.2.1:{port}', '--', '{worker}'],
  },

  // Documented differences.
  {
    name: 'the pid file of a superdaemon at work',
    words: '--interval=0 --pid-file=pid {worker}',
    steps: ['settled', { another: '--interval=0 --pid-file=pid -- true' }],
    differences: ['a pid file whose lock is held'],
  },
  {
    name: 'a pid file in no directory, daemonized',
    ends: true,
    words: '--daemonize --log-file=log --pid-file=missing/pid -- {worker}',
    differences: ['--daemonize tells how it went', 'a daemon that failed names its own pid'],
  },
  {
    name: 'a pid file that somebody else has put there',
    words: '--interval=0 --pid-file=pid --status-file=status {worker}',
    steps: ['settled', { remove: 'pid' }, { write: 'pid', text: 'theirs\n' }],
    differences: ['a file that somebody else has put there stays'],
  },
  {
    name: 'a symbolic link as pid file',
    words: '--interval=0 --pid-file=pid {worker}',
    prepare: 'ln -s elsewhere pid',
    differences: ['a symbolic link as pid file'],
  },
];
