// What the manual page says beside the options. --help ends with the first of it.

export type Entry = readonly [term: string, text: string];

export const signals: readonly Entry[] = [
  ['HUP', 'deploy: start a new generation, then tell the old one to go'],
  ['TERM, INT, QUIT', 'stop: tell all workers, exit when they have gone'],
  ['USR1', 'open the log file anew'],
  ['TTIN, TTOU', 'with --workers: one worker more, one less'],
  ['USR2', 'give way to the program now on the disk, workers and all'],
];

/** How a worker finds them, for --help. */
export const workersSockets: readonly string[] = [
  'A worker does not bind: its sockets are open and listening. SERVER_STARTER_PORT says at which',
  'descriptors, as in 8080=3;/run/app.sock=4. In Node: server.listen({ fd: 3 }); in Perl:',
  'Server::Starter::server_ports(). For servers that look elsewhere: --listen-fds, --as.',
];

export const examples: readonly string[] = [
  'start-server --port=8080 --pid-file=app.pid --status-file=app.status -- node server.js',
  'start-server --restart --pid-file=app.pid --status-file=app.status',
];

export const description: readonly string[] = [
  'It is a drop-in for start_server(1) of the Perl distribution Server::Starter, under whose name it is installed, too.',
  'A worker that dies before it has started is tried again, never sooner than --interval after the last attempt; the ' +
    'old generation serves on for as long as that takes. A worker that dies later is replaced at once. Connections ' +
    "that come while no worker runs wait in the kernel's queue.",
  'Names of options ignore case and may be cut to any unambiguous prefix. Options count after the first word of the ' +
    'program too, up to the first --, so put -- before it.',
];

export const files: readonly Entry[] = [
  ['--pid-file', 'The pid, locked with flock(2) as long as the superdaemon lives. Removed at exit.'],
  ['--status-file', 'GENERATION:PID, a line for each live worker that has started. Replaced as a whole.'],
  ['--log-file', 'Lines of the superdaemon and the output of its workers. Kept.'],
];

export const exitStatus: readonly Entry[] = [
  ['0', 'Done: stopped by a signal; daemonized; deployed; stopped.'],
  [
    '1',
    'It did not start; or the deploy, or the upgrade, failed, for the reason on standard error, and what served before serves on.',
  ],
  ['2', '--restart, --stop, --scale, --upgrade: --wait-timeout is over. What they asked for goes on.'],
  ['3', '--restart, --stop, --scale, --upgrade, --status: no superdaemon runs.'],
  ['127', 'There is no node: neither in PATH nor beside the command.'],
];

export const workerEnvironment: readonly Entry[] = [
  [
    'SERVER_STARTER_PORT',
    'The sockets: name=descriptor, separated by semicolons; every --port, then every --path.',
  ],
  ['SERVER_STARTER_GENERATION', '1, 2, 3 …; failed attempts use up a number, too.'],
  [
    'SERVER_STARTER_WORKER, SERVER_STARTER_WORKERS',
    'With --workers: its number, from 0, and how many there were when it was started.',
  ],
  ['NOTIFY_SOCKET, NOTIFY_FD', 'With --ready=notify: where a worker says that it is ready.'],
  ['LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES', 'With --listen-fds: the sockets as systemd hands them over.'],
];

export const ownEnvironment: readonly Entry[] = [
  [
    'ENABLE_AUTO_RESTART, KILL_OLD_DELAY, AUTO_RESTART_INTERVAL',
    'As the options; so in the --envdir, which has the last word.',
  ],
  ['LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES', 'Sockets that are used instead of binding (socket activation).'],
  ['NOTIFY_SOCKET, WATCHDOG_USEC', 'The service manager that is told how it goes.'],
  ['POSIXLY_CORRECT', 'Options end at the first word that is none, and names must be whole.'],
];
