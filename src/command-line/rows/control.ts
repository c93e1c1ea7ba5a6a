import { eventNames } from '../../superdaemon/log-level.ts';
import { parseEventNames } from '../event-names.ts';
import { parseHelp, parseUnitKind, seconds, unitKinds, watchSeconds } from '../option-values.ts';
import { parseShell, shells } from '../shells.ts';
import type { OptionGroup } from './row.ts';

export const control: OptionGroup = {
  title: 'Run in the background, and control it',
  rows: [
    {
      name: 'daemonize',
      help: 'return when it serves; needs --log-file',
      manual:
        'Status 0 says that the sockets are bound, the pid file is written and the first worker is spawned (with `--ready` or `--max-start-attempts`: has started). Until then it shows what happens, as `--restart` does; INT or TERM ends the daemon, too.',
    },
    {
      name: 'restart',
      brief: 'deploy; 0: done, 1: failed, the old one serves on',
      help: 'deploy, and return when only the new generation is left',
      manual:
        'Needs `--pid-file`; where the superdaemon cannot be asked (the original), `--status-file`, too. Status 0: done; 1: failed, the old generation serves on; 2: `--wait-timeout` is over; 3: no superdaemon runs.',
    },
    {
      name: 'cancel',
      ours: true,
      help: '--restart --cancel gives up the deploy under way',
      manual:
        'The worker being tried is told to go, the old generation serves on; who waits for the deploy is told so. Needs `--pid-file`. Status 1 says that no deploy is under way, or that nobody serves who could go on.',
    },
    {
      name: 'stop',
      brief: 'stop it, and return when it has gone',
      help: 'stop it, and return when it has gone',
      manual:
        'Sends TERM. Needs `--pid-file`. Should it be killed meanwhile, the status is 1, and with `--status-file` the workers that live on are named.',
    },
    {
      name: 'upgrade',
      ours: true,
      help: 'replace the superdaemon by the program now on the disk',
      manual:
        'As USR2 does: same pid, same sockets, same workers. Needs `--pid-file`. Returns when the new version has taken over, or, with status 1, says why it cannot and the old one goes on. With a command behind it, it takes a whole command line, as a start does: that is tried first, and deployed. What sockets it names again stay open; those that it does not name go with the last worker that has them.',
    },
    {
      name: 'status',
      ours: true,
      brief: 'show who serves',
      help: 'show who serves; needs --pid-file',
      manual:
        'With a value, in whatever form, it is `--status-file`, as in the original. Status 0 says that somebody serves, 1 that nobody does, 3 that no superdaemon runs.',
    },
    { name: 'json', ours: true, help: '--status as JSON' },
    {
      name: 'events',
      ours: true,
      value: { name: 'names', parse: parseEventNames, mistakes: 'of type', choices: eventNames },
      valueIsOptional: true,
      help: 'print what happens as it happens, in JSON; --events=NAME,NAME: these alone',
      manual:
        'The lines of `--log-format=json`, whatever the log is, until it is killed, or the superdaemon has ended (status 0; 1: it was killed). Needs `--pid-file`. It goes on across `--upgrade`. A reader that is too slow loses lines, and is told how many.',
    },
    {
      name: 'watch',
      ours: true,
      value: watchSeconds,
      valueIsOptional: true,
      help: '--status again every second, or every so many seconds',
      manual:
        'On a terminal in place, until `q` or Ctrl-C; elsewhere one table behind the other. It ends, with status 3, when no superdaemon runs any more.',
    },
    {
      name: 'metrics',
      ours: true,
      help: 'print what Prometheus wants to know; needs --pid-file',
      manual: 'In its text format. With `--metrics-file` it is put into that file instead, as a whole.',
    },
    {
      name: 'wait-timeout',
      ours: true,
      value: seconds,
      help: 'how long --restart, --stop, --scale, --upgrade and --status wait (0: for ever; --status and --metrics: 10)',
      manual: 'Then their exit status is 2. What the superdaemon has taken up goes on.',
    },
    {
      name: 'no-wait-old',
      ours: true,
      help: '--restart, and --upgrade with a command, return when the new generation has started',
    },
    {
      name: 'quiet',
      ours: true,
      help: '--restart, --stop, --scale and --upgrade show no progress, and no outcome',
    },
  ],
};

export const other: OptionGroup = {
  title: 'Other',
  rows: [
    {
      name: 'dry-run',
      ours: true,
      help: 'check everything, say what would run, and leave it at that',
      manual:
        'Hosts are resolved, sockets bound for an instant, files looked at, the program is searched. Nothing is started, made or changed.',
    },
    {
      name: 'print-unit',
      ours: true,
      value: { name: 'type', parse: parseUnitKind, mistakes: 'of type', choices: unitKinds },
      valueIsOptional: true,
      help: 'print a unit of systemd for this command line: notify (the default), notify-reload, socket, simple',
      manual:
        'Hardened, and with `ExecReload` for a deploy. Each file stands behind a line with its path; `socket` prints two. Paths are made whole, the working directory is the current one, and variables of the caller are not in it.',
    },
    {
      name: 'completion',
      ours: true,
      value: { name: 'shell', parse: parseShell, choices: shells },
      help: "print a shell's completion: bash, zsh or fish",
      manual:
        '`eval "$(start-server --completion=bash)"` in ~/.bashrc, the same with zsh in ~/.zshrc (behind compinit), `start-server --completion=fish | source` in config.fish.',
    },
    {
      name: 'help',
      value: { name: 'all', parse: parseHelp, mistakes: 'of type', choices: ['all'] },
      valueIsOptional: true,
      help: 'print the ten options that matter; --help=all: every one',
    },
    { name: 'version', help: 'print the version' },
  ],
};
