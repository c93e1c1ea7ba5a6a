// Every difference from the reference that docs/moving-from.md lists and that can be seen here, and how it shows.
// Nothing else may differ.

export interface Difference {
  readonly name: string;
  readonly reason: string;
  /** Shows only where this part is ours; undefined: in any case. */
  readonly of?: 'client' | 'superdaemon';
  /** Does not show with --quiet. */
  readonly talks?: true;
  /** None for words that only we understand: there the reference is given others. */
  readonly changes: readonly Change[];
}

export interface Change {
  /** The path of the observed fact, or a pattern for several. */
  readonly observation: string | RegExp;
  /** What we show instead of what the reference shows ('' where it shows nothing); undefined: nothing. */
  readonly ours: (reference: string) => string | undefined;
}

const becomes = (observation: string | RegExp, fact: string | undefined): Change => ({
  observation,
  ours: () => fact,
});

const words = '(words)\n';
const startingNow = 'start_server (pid:S) starting now...\n';

/** We end at once with an error where the reference runs. */
const endsAtOnce = (log: string): Change[] => [
  becomes('start', 'ends by itself'),
  becomes('exit', 'non-zero'),
  becomes('log', log),
];

const refused = (log: string): Change[] => [...endsAtOnce(log), becomes(/^workers\./, undefined)];

/** We stop in good order where the reference dies and leaves all as it is. */
const stopsInOrder = (lines: string): Change[] => [
  becomes('exit', 'zero'),
  becomes('left.processes', '0'),
  becomes(/^left\.files\./, undefined),
  { observation: 'log', ours: (log) => `${log}${lines}worker W1 died, status:15\nexiting\n` },
];

export const differences: readonly Difference[] = [
  {
    name: 'no source position in warnings',
    reason: "Perl adds the place in the program's source to its warnings",
    changes: [
      {
        observation: 'log',
        ours: (log) => log.replace(/^(removing existing socket file:.*) at \S+ line \d+\.$/gm, '$1'),
      },
    ],
  },
  {
    name: 'no line about chosen descriptors',
    reason: 'SERVER_STARTER_PORT says it',
    changes: [{ observation: 'log', ours: (log) => log.replace(/^socket is duplicated to .*\n/gm, '') }],
  },
  {
    name: 'pid and status file for nobody else to write to',
    reason: 'whoever can write to a pid file can name another process in it',
    of: 'superdaemon',
    changes: [
      {
        observation: /^after step \d+\.(pid|status)$/,
        ours: (file) => file.replace('file 666\n', 'file 644\n'),
      },
    ],
  },
  {
    name: 'blanks around every part of a port',
    reason: 'the reference takes them around some parts only',
    changes: [],
  },
  {
    name: 'a socket at descriptor 2',
    reason: 'the reference dies of its own standard error having become a socket',
    changes: [
      becomes('workers.1.descriptors.2', undefined),
      { observation: 'workers.1.sockets.0', ours: (socket) => socket.replace('a free number', '2') },
    ],
  },
  {
    name: 'chosen descriptors never collide',
    reason: "the reference's chosen number may be one that an earlier socket already has, which is lost then",
    changes: [
      {
        observation: /^workers\.1\.sockets\./,
        ours: (fact) => fact.replace(/at 2(\d)/, 'at $1'),
      },
    ],
  },
  { name: 'a port above 65535', reason: 'the reference takes it modulo 65536', changes: refused(words) },
  {
    name: 'one descriptor for two sockets',
    reason: 'the reference loses one of them',
    changes: refused(startingNow + words),
  },
  { name: 'a path that is too long', reason: 'the reference cuts it', changes: refused(words) },
  {
    name: 'a path with a semicolon or a newline',
    reason: 'no worker could read it in SERVER_STARTER_PORT',
    changes: refused(words),
  },
  {
    name: 'a file in the way of a socket',
    reason: 'the reference deletes it',
    changes: [...refused(startingNow + words), becomes('left.files.file', 'file 644\nprecious\n')],
  },
  {
    name: 'the socket of a superdaemon at work',
    reason: 'the reference takes it away from the other',
    changes: [becomes('step 2.another', 'ends, non-zero')],
  },
  {
    name: 'QUIT stops as INT does',
    reason: 'the reference dies of it and leaves an orphaned worker',
    changes: stopsInOrder('received QUIT, sending TERM to all workers:W1\n'),
  },
  {
    name: 'USR1 ends nothing',
    reason: 'the reference dies of it and leaves an orphaned worker',
    changes: stopsInOrder('received TERM, sending TERM to all workers:W1\n'),
  },
  {
    name: 'an unknown signal',
    reason: 'the reference notices when it needs it, and dies then',
    changes: refused(words),
  },
  {
    name: 'a program that cannot be run',
    reason: 'the reference tries again for ever',
    changes: endsAtOnce(startingNow + words),
  },
  {
    name: 'a directory that is not there',
    reason: 'the reference tries again for ever',
    changes: endsAtOnce(startingNow + words),
  },
  {
    name: 'the status file is sorted by number',
    reason: 'the reference sorts its lines as texts',
    changes: [
      {
        observation: 'after step 10.status',
        ours: (text) => {
          const [what = '', ...lines] = text.trimEnd().split('\n');
          return `${[what, ...lines.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))].join('\n')}\n`;
        },
      },
    ],
  },
  {
    name: 'a dead worker leaves the status file at once',
    reason: 'the reference lists it until its successor has started',
    changes: [becomes('after step 2.status', 'file 644\n')],
  },
  {
    name: 'a removed envdir file unsets its variable',
    reason: 'the reference keeps the value that was there at its start',
    changes: [
      becomes('workers.2.environment.GONE', undefined),
      becomes('workers.2.environment.BACK', '"by caller"'),
    ],
  },
  {
    name: 'a pid file whose lock is held',
    reason: 'the reference empties the file of the superdaemon at work, then waits for it to end',
    changes: [becomes('step 2.another', 'ends, non-zero'), becomes('after step 2.pid', 'file 644\nS\n')],
  },
  {
    name: '--daemonize tells how it went',
    reason: "the reference's command has returned before the pid file is written",
    changes: [
      becomes('exit', 'non-zero'),
      becomes('left.files.log', 'file 644\n'),
      { observation: 'log', ours: (log) => `${log}${words}` },
    ],
  },
  {
    name: 'a pid file that nobody locks',
    reason: 'it names no superdaemon: the reference signals whatever process has that number now',
    changes: [
      becomes('step 1.exit', 'non-zero'),
      becomes('step 1.stderr', words),
      becomes('left.processes', '1'),
    ],
  },
  {
    name: 'an old worker is told to go once',
    reason: 'the reference signals it again at each HUP, and a second QUIT makes some servers drop requests',
    changes: [
      { observation: 'log', ours: (log) => log.replace(/(?<=to old workers:)(?:W\d+,)+(?=W\d+$)/gm, '') },
    ],
  },
  {
    name: 'workers hear the signals that we send',
    reason: 'blocked or ignored by the caller, nobody could tell them to go',
    changes: [
      { observation: /^workers\.1\.blocked$/, ours: (names) => names.replace('USR2,', '') },
      { observation: /^workers\.1\.ignored$/, ours: (names) => names.replace('USR1,', '') },
    ],
  },
  {
    name: 'a file that somebody else has put there stays',
    reason: 'the reference removes whatever has the name of its own',
    changes: [becomes('left.files.pid', 'file 644\ntheirs\n')],
  },
  {
    name: 'a symbolic link as pid file',
    reason: 'the reference follows it',
    changes: [
      ...refused(startingNow + words),
      becomes('left.files.elsewhere', undefined),
      becomes('left.files.pid', 'link 777'),
    ],
  },
  {
    name: 'an envdir file with = in its name',
    reason: 'no variable can have that name',
    changes: [
      becomes('workers.1.environment.A', undefined),
      { observation: 'log', ours: (log) => log.replace(startingNow, `${startingNow}${words}`) },
    ],
  },
  {
    name: 'an envdir that cannot be read is told',
    reason: 'the reference says nothing, and the workers silently lack their variables',
    changes: [
      {
        observation: 'log',
        ours: (log) => log.replace(/^(?=starting new worker W2)/gm, words),
      },
    ],
  },
  {
    name: 'an envdir that cannot be read at the start',
    reason: 'the reference starts workers that silently lack their variables',
    changes: refused(startingNow + words),
  },
  {
    name: 'a pid file that is gone at exit is no news',
    reason: 'nothing follows from it',
    changes: [{ observation: 'left.files.log', ours: (log) => log.replace(words, '') }],
  },
  {
    name: 'a negative number',
    reason: 'no time and no queue is shorter than nothing',
    changes: refused(words),
  },
  {
    name: 'an empty path',
    reason: 'the reference binds a socket that nobody can name',
    changes: refused(words),
  },
  {
    name: 'a port that makes no sense is an error of options',
    reason: 'it is reported with all the others, before anything is begun',
    changes: [becomes('log', words)],
  },
  {
    name: 'a link to nowhere is removed with a warning',
    reason: 'as a link to a socket is',
    changes: [
      {
        observation: 'log',
        ours: (log) => log.replace(startingNow, `${startingNow}removing existing socket file:link\n`),
      },
    ],
  },
  {
    name: 'a daemon names its own pid',
    reason: "the reference names its launcher's, which has gone by then",
    of: 'superdaemon',
    changes: [{ observation: 'log', ours: (log) => log.replace('(pid:L)', '(pid:S)') }],
  },
  {
    name: 'a daemon that failed names its own pid',
    reason: "the reference names its launcher's",
    changes: [{ observation: 'log', ours: (log) => log.replace('(pid:L)', '(pid:an unknown process)') }],
  },
  {
    name: '--stop says nothing when all is well',
    reason: 'its exit status does',
    of: 'client',
    changes: [{ observation: /^step \d+\.stderr$/, ours: (text) => text.replace(/^stop_server .*\n/, '') }],
  },
  {
    name: 'a client says what it ignores',
    reason: 'an option that is given to no effect is a mistake, more often than not',
    of: 'client',
    talks: true,
    changes: [becomes(/^step \d+\.stderr$/, words)],
  },
];
