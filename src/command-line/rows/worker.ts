import { count, directory, parseReadiness, seconds, wholeSeconds } from '../option-values.ts';
import type { OptionGroup } from './row.ts';

export const worker: OptionGroup = {
  title: 'Worker',
  rows: [
    {
      name: 'dir',
      value: { ...directory, name: 'path' },
      help: "the worker's working directory",
      manual:
        'Looked up anew at each start: a symbolic link to the release will do. Other relative names (sockets, pid file, envdir …) are relative to the directory that the superdaemon was started in.',
    },
    {
      name: 'envdir',
      value: directory,
      help: 'variables for the worker, a file each, read before every start',
      manual:
        "The file's name is the variable, its first line the value. One that cannot be read is an error at the start, and later a warning: its last contents stand.",
    },
    {
      name: 'freeze',
      ours: true,
      help: 'a deploy looks --dir and --envdir up once, for all its workers',
      manual:
        'Symbolic links on the way to `--dir` are resolved with its first attempt, and the envdir is read. A worker that makes up for a crash, is added or comes in the place of another one gets the same, so that it never runs half of the next release.',
    },
    {
      name: 'interval',
      value: wholeSeconds,
      help: 'time between starts, and how long a worker must live to count as started',
      manual: 'Default 1. With `--ready=notify` or `exec:` it only spaces attempts.',
    },
  ],
};

export const started: OptionGroup = {
  title: 'When a worker counts as started',
  rows: [
    {
      name: 'ready',
      ours: true,
      value: { name: 'how', parse: parseReadiness, choices: ['interval', 'notify', 'exec:'] },
      brief: 'it has started when: interval, notify, exec:COMMAND',
      help: 'one of interval (alive after --interval), notify (it says so), exec:COMMAND (that exits 0)',
      manual:
        '`interval` is the default, but for `--as=node`: `notify`. `notify`: `READY=1` in a datagram to `$NOTIFY_SOCKET` (sd_notify(3)), or a newline or `READY=1` on the descriptor `$NOTIFY_FD`; `MAINPID=` before it names a descendant of the worker to which signals go instead. `exec:`: the shell command is run again and again, 100 ms apart and for at most 10 s each, with `WORKER_PID` and `SERVER_STARTER_GENERATION` set, until it exits 0.',
    },
    {
      name: 'ready-timeout',
      ours: true,
      value: seconds,
      help: 'not ready by then is a failed attempt (60)',
      manual:
        'The worker gets `--signal-on-term`, and SIGKILL after `--kill-old-timeout`, or 10 s. It is the limit of `--check` as well. Fractions are fine here, and in each option of seconds that the original does not have.',
    },
    {
      name: 'max-start-attempts',
      ours: true,
      value: count('n', 'attempts'),
      help: 'failed attempts after which a deploy is given up (0: never)',
      manual:
        'Failures in a row. The old generation serves on, and the next HUP tries anew. At the first start: exit status 1. While nobody serves it is never given up. With `--workers` the default is 3, of any one worker.',
    },
    {
      name: 'backoff',
      ours: true,
      value: seconds,
      help: 'the interval grows with each failure up to this (0: it does not)',
      manual: 'By half each time. A worker that starts, a HUP, or scaling sets it back.',
    },
    {
      name: 'check',
      ours: true,
      value: { name: 'command', choices: 'command' },
      help: 'must exit 0 before a deploy starts anything',
      manual:
        "A shell command with the worker's environment, directory and sockets, limited by `--ready-timeout`. At the first start a refusal is an exit with status 1. It is not asked when nobody serves any more: the replacement comes at once, and the deploy is made up for, with its check.",
    },
  ],
};
