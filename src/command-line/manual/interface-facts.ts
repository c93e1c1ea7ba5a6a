// The files, exit statuses and variables of the manual page and docs/interface.md.

import type { Entry } from './facts.ts';

export const files: readonly Entry[] = [
  ['--pid-file', 'The pid, locked with flock(2) as long as the superdaemon lives. Removed at exit.'],
  [
    '--status-file',
    '`GENERATION:PID`, a line for each live worker that has started. Replaced as a whole. Removed at exit.',
  ],
  ['--log-file', 'Lines of the superdaemon and the output of its workers. Kept.'],
  [
    'PIDFILE.workers, STATUSFILE.workers',
    'Who would outlive the superdaemon, for the next one to take over. Mode 0600. Removed at exit.',
  ],
  ['PIDFILE.turn', 'Empty, while a client deploys by HUP: those who come together take turns.'],
  ['PATH.spare', 'A second name of the socket `--path=PATH`, while workers are on their way out.'],
  [
    'start-server-XXXXXX/',
    'With `--ready=notify` or `--watchdog`: its sockets, in `$RUNTIME_DIRECTORY`, `$TMPDIR` or `/tmp`. Removed at exit.',
  ],
];

export const exitStatus: readonly Entry[] = [
  ['0', 'Done: stopped by a signal; daemonized; deployed; stopped; somebody serves.'],
  [
    '1',
    'It did not start; or the deploy, or the upgrade, failed, and what served before serves on; or what was asked for ' +
      'cannot be written to standard output. The reason is on standard error.',
  ],
  [
    '2',
    '`--restart`, `--stop`, `--scale`, `--upgrade`, `--status`: `--wait-timeout` is over. What they asked for goes on.',
  ],
  ['3', '`--restart`, `--stop`, `--scale`, `--upgrade`, `--status`: no superdaemon runs.'],
  ['127', 'There is no node: neither in `PATH` nor beside the command.'],
];

export const workerEnvironment: readonly Entry[] = [
  [
    'SERVER_STARTER_PORT',
    'The sockets: `name=descriptor`, separated by semicolons; every `--port`, then every `--path`, in the order given. Empty without any.',
  ],
  ['SERVER_STARTER_GENERATION', '1, 2, 3 …; failed attempts use up a number, too.'],
  [
    'SERVER_STARTER_WORKER, SERVER_STARTER_WORKERS',
    'With `--workers`: its number, from 0, and how many there were when it was started.',
  ],
  ['SERVER_STARTER_OWN', 'With `--worker-port`: the descriptors of the ports that are its alone.'],
  ['NOTIFY_SOCKET, NOTIFY_FD', 'With `--ready=notify` or `--watchdog`: where a worker says so.'],
  ['WATCHDOG_USEC', 'With `--watchdog`: its time, in microseconds.'],
  ['START_SERVER_TREE', 'With `--kill-tree`: tells what this worker has started from what others have.'],
  ['LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES', 'With `--listen-fds`: the sockets as systemd hands them over.'],
  [
    'UNICORN_FD, GUNICORN_FD, GUNICORN_PID, PUMA_INHERIT_N, UVICORN_FD, NGINX',
    'With `--as`: the sockets as that server looks for them.',
  ],
  [
    'NODE_OPTIONS, PORT, SERVER_STARTER_ASKS, SERVER_STARTER_SIGNALS, SERVER_STARTER_KILLED_AFTER, SERVER_STARTER_UDP, SERVER_STARTER_SPARES',
    'With `--as=node`: our preload behind what is there; the first TCP port, unless it is set; and for the preload that it is to say that it is there, what tells the worker to go, after how many seconds it is killed then, in a deploy and in a stop, which descriptors are for datagrams, and a second number for each socket.',
  ],
  [
    'HOME, USER, LOGNAME',
    'With `--user`: those of its account; of a number without one, `/` and the number.',
  ],
  [
    'ENVDIR, ENABLE_AUTO_RESTART, KILL_OLD_DELAY, AUTO_RESTART_INTERVAL',
    'The option of that name, when it was given.',
  ],
  [
    'WORKER_PID',
    'For the commands of `--ready=exec:` and `--canary-check` alone: the pid of the worker that is asked about.',
  ],
];

export const ownEnvironment: readonly Entry[] = [
  [
    'ENABLE_AUTO_RESTART, KILL_OLD_DELAY, AUTO_RESTART_INTERVAL',
    'As the options: anything but empty or `0`, and seconds. The `--envdir` rules over the option, the option over the environment.',
  ],
  ['LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES', 'Sockets that are used instead of binding (socket activation).'],
  [
    'NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID',
    'The service manager that is told how it goes. Workers never see them.',
  ],
  ['RUNTIME_DIRECTORY, TMPDIR', 'Where the sockets of `--ready=notify` lie, else in `/tmp`.'],
  ['POSIXLY_CORRECT', 'Options end at the first word that is none, and names must be whole.'],
  ['START_SERVER_NODE_OPTIONS', "For the superdaemon's own Node; `NODE_OPTIONS` is for the workers."],
  ['NO_COLOR', '`--status` prints no colours.'],
];
