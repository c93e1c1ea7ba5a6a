// What the manual page and docs/interface.md say beside the options; --help=all ends with the first of it. `code` is
// marked as in Markdown.

export type Entry = readonly [term: string, text: string, more?: string];

export const signals: readonly Entry[] = [
  [
    'HUP',
    'deploy: start a new generation, then tell the old one to go',
    'Those that come while a worker is being tried are merged into one more deploy. Closing the terminal of a superdaemon in the foreground is a HUP, too: it deploys, says so in its log, and lives on.',
  ],
  [
    'TERM, INT, QUIT',
    'stop: tell all workers, exit when they have gone',
    'TERM sends `--signal-on-term`, INT and QUIT send TERM. They end a start that waits for a name server, too.',
  ],
  [
    'USR1',
    'open the log file anew',
    'For the lines of the superdaemon, and for workers started from then on: rotate, USR1, HUP.',
  ],
  [
    'TTIN, TTOU',
    'with --workers: one worker more, one less',
    'As `--scale=+1` and `--scale=-1` do. Without `--workers` they stop the process, as job control does.',
  ],
  ['USR2', 'replace itself by the program now on the disk, workers and all', 'As `--upgrade` does.'],
];

/** Beyond those of --help=all. */
export const otherSignals: readonly Entry[] = [
  [
    'ABRT, BUS, FPE, ILL, SEGV, SYS, TRAP',
    'say that the program is broken: it ends with a core dump, as a watchdog of systemd wants it',
    'The same command takes its workers over.',
  ],
  [
    'every other one',
    'harmless: ALRM, PIPE, WINCH, CHLD, CONT, VTALRM, PROF, IO, PWR, STKFLT, XCPU, XFSZ, real-time signals',
  ],
];

/** How a worker finds them, for --help=all. */
export const workersSockets: readonly string[] = [
  'A worker does not bind: its sockets are open and listening. SERVER_STARTER_PORT says at which',
  'descriptors, as in 8080=3;/run/app.sock=4. In Node: server.listen({ fd: 3 }); in Perl:',
  'Server::Starter::server_ports(). For servers that look elsewhere: --listen-fds, --as.',
];

export const examples: readonly string[] = [
  'start-server --port=8080 --pid-file=app.pid --status-file=app.status -- node server.js',
  'start-server --restart --pid-file=app.pid',
];

export const description: readonly string[] = [
  'It is a drop-in for start_server(1) of the Perl distribution Server::Starter, under whose name it is installed, too.',
  'A worker that dies before it has started is tried again, never sooner than `--interval` after the last attempt; the ' +
    'old generation serves on for as long as that takes. A worker that dies later is replaced at once. Connections ' +
    "that come while no worker runs wait in the kernel's queue.",
  'Names of options ignore case and may be cut to any unambiguous prefix. Options count after the first word of the ' +
    'program too, up to the first `--`, so put `--` before it. One dash, two or a plus; `--opt=value` or `--opt value`.',
];
