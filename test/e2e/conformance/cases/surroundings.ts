import type { Case } from '../case.ts';

/** Speaks once the superdaemon has: who is first is not what is compared. */
const told = `until grep -q 'starting new worker' /proc/self/fd/2; do :; done; echo a worker says: out; echo a worker says: err >&2; exec "$@"`;

const shell = (script: string) => ['sh', '-c', `${script}; exec "$@"`, 'sh'];
const plain = '--interval=0 {worker}';
const twice = ['settled', 'HUP'] as const;

export const surroundingsCases: readonly Case[] = [
  {
    name: 'words of any bytes',
    words: ['--interval=0', '--', '{worker}', '\xff\x80', '\xc3\xb6', '\n', '$HOME', '*', '"'],
  },
  {
    name: 'a thousand words',
    words: ['--interval=0', '--', '{worker}', ...Array.from({ length: 1000 }, (_, n) => `word ${n}`)],
  },
  { name: 'a word of 100 000 bytes', words: ['--interval=0', '--', '{worker}', 'w'.repeat(100_000)] },
  {
    name: 'a caller that ignores HUP, as nohup does',
    words: plain,
    environment: { CALLER_IGNORE: 'HUP' },
    steps: twice,
  },
  {
    name: 'a caller that ignores TERM and INT',
    words: plain,
    environment: { CALLER_IGNORE: 'TERM INT' },
    stop: 'TERM',
  },
  { name: 'a caller that ignores CHLD', words: plain, environment: { CALLER_IGNORE: 'CHLD' } },
  {
    name: 'a caller that ignores PIPE, USR1, USR2, WINCH, QUIT',
    launched: true,
    words: plain,
    environment: { CALLER_IGNORE: 'PIPE USR1 USR2 WINCH QUIT' },
  },
  {
    name: 'a caller that blocks USR1 and QUIT',
    launched: true,
    words: plain,
    environment: { CALLER_BLOCK: 'USR1 QUIT' },
    steps: twice,
  },
  {
    name: 'a caller that blocks and ignores',
    launched: true,
    words: plain,
    environment: { CALLER_BLOCK: 'USR2', CALLER_IGNORE: 'USR1 HUP' },
    steps: twice,
  },
  {
    name: 'umask 027',
    words: '--interval=0 --path=socket --pid-file=pid --status-file=status --log-file=log {worker}',
    environment: { CALLER_UMASK: '027' },
    steps: twice,
  },
  {
    name: 'umask 0',
    words: '--interval=0 --pid-file=pid --status-file=status --log-file=log {worker}',
    environment: { CALLER_UMASK: '0' },
    steps: ['settled'],
    differences: ['pid and status file for nobody else to write to'],
  },
  { name: 'nice 5', words: plain, environment: { CALLER_NICE: '5' } },
  {
    name: 'a low soft limit of open files',
    launched: true,
    words: plain,
    via: shell('ulimit -S -n 100'),
    steps: twice,
  },
  { name: 'a low hard limit of open files', words: plain, via: shell('ulimit -n 200') },
  { name: 'a descriptor of the caller', words: plain, descriptors: ['file'], steps: twice },
  {
    name: 'descriptors of the caller at 3 and 7, and sockets',
    words: '--interval=0 --port={port} --path=socket {worker}',
    descriptors: ['file', undefined, undefined, undefined, 'file'],
    steps: twice,
  },
  { name: 'a caller without standard input', words: plain, via: shell('exec <&-') },
  {
    name: 'a directory of the worker’s',
    words: '--interval=0 --dir=inner/../inner --pid-file=pid --path=socket --envdir=env {worker}',
    files: { 'inner/': '', 'env/A': 'b\n' },
  },
  {
    name: 'a directory that is a link',
    words: '--interval=0 --dir=link {worker}',
    files: { 'inner/': '' },
    prepare: 'ln -s inner link',
  },
  {
    name: 'standard streams are the caller’s',
    words: ['--interval=0', '--', 'sh', '-c', told, 'sh', '{worker}'],
  },
  {
    name: 'a program by its path',
    words: '--interval=0 -- ./program {worker}',
    prepare: `printf '#!/bin/sh\\nexec "$@"\\n' > program; chmod +x program`,
  },
  {
    name: 'a script without #!',
    words: '-- ./program {worker}',
    files: { program: 'exec "$@"\n' },
    prepare: 'chmod +x program',
    first: /seems to have failed/,
  },
  // Documented differences.
  {
    name: 'a caller that blocks and ignores the signals that workers are told to go with',
    launched: true,
    words: '--interval=0 --signal-on-hup=USR2 --signal-on-term=USR1 {worker}',
    environment: { CALLER_BLOCK: 'USR2 WINCH', CALLER_IGNORE: 'USR1 WINCH' },
    stop: 'INT',
    differences: ['workers hear the signals that we send'],
  },
];
