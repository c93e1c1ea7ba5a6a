// The option table: names, help and values, for commander. A value is parsed here, once.

import { Command, Option } from 'commander';
import type { LogTarget } from './files/output.ts';
import { parseLogFile, parseNumber, parseSignalOption } from './option-values.ts';
import { type PathAccess, parseMode, parseOwner } from './sockets/path-access.ts';
import { parsePath, parsePort, type SocketSpec } from './sockets/socket-spec.ts';
import { StartupError } from './startup-error.ts';
import type { Signal } from './superdaemon/host.ts';

/** What commander collects; undefined where an option was not given. */
export interface Given {
  readonly port?: readonly SocketSpec[];
  readonly path?: readonly SocketSpec[];
  readonly backlog?: number;
  readonly pathMode?: number;
  readonly pathOwner?: NonNullable<PathAccess['owner']>;
  readonly dir?: string;
  readonly interval?: number;
  readonly signalOnHup?: Signal;
  readonly signalOnTerm?: Signal;
  readonly killOldDelay?: number;
  readonly pidFile?: string;
  readonly statusFile?: string;
  readonly envdir?: string;
  readonly logFile?: LogTarget;
  readonly daemonize?: true;
  readonly restart?: true;
  readonly stop?: true;
  readonly enableAutoRestart?: true;
  readonly autoRestartInterval?: number;
  readonly help?: true;
  readonly version?: true;
}

/** Names that the reference does not know. */
export const beyondReference: ReadonlySet<string> = new Set(['path-mode', 'path-owner']);

/** What is wrong with the values, a line each, so that all are reported at once. */
export interface Problems {
  /** Not even of the option's type. */
  readonly ofType: string[];
  /** Of no use to a superdaemon that is to start; --help, --stop and the like do not mind. */
  readonly ofMeaning: string[];
}

export function defineOptions({ ofType, ofMeaning }: Problems): Command {
  const one =
    <Value>(parse: (text: string) => Value, problems = ofMeaning) =>
    (text: string, previous: Value | undefined): Value | undefined => {
      try {
        return parse(text);
      } catch (error) {
        if (!(error instanceof StartupError)) throw error;
        problems.push(error.message);
        return previous;
      }
    };
  const each =
    <Value>(parse: (text: string) => Value) =>
    (text: string, previous: readonly Value[] = []): readonly Value[] => {
      const value = one(parse)(text, undefined);
      return value === undefined ? previous : [...previous, value];
    };
  const number = (name: string, unit: string) =>
    one((text) => parseNumber(`--${name}=${text}`, text, unit), ofType);
  const signal = (name: string) => one((text) => parseSignalOption(`--${name}=${text}`, text));
  const option = (flags: string, description: string) => new Option(flags, description);

  return new Command('start-server')
    .usage('[options] -- program [args...]')
    .description(
      'Binds the sockets, starts the program with them inherited, and on SIGHUP starts a new generation of it ' +
        'before the old one is told to go: no connection is refused or lost.',
    )
    .helpOption(false)
    .exitOverride()
    .configureHelp({ helpWidth: 100, showGlobalOptions: false })
    .optionsGroup('Sockets')
    .addOption(
      option(
        '--port <spec>',
        'TCP: port, host:port, port=fd or host:port=fd; u53 is UDP (repeatable)',
      ).argParser(each(parsePort)),
    )
    .addOption(option('--path <path>', 'Unix stream socket (repeatable)').argParser(each(parsePath)))
    .addOption(option('--path-mode <octal>', 'mode of the Unix sockets (0777)').argParser(one(parseMode)))
    .addOption(
      option('--path-owner <user:group>', 'owner of the Unix sockets; either may be left out').argParser(
        one(parseOwner),
      ),
    )
    .addOption(
      option('--backlog <n>', 'connections that the kernel may queue per socket; 0: SOMAXCONN').argParser(
        number('backlog', 'connections'),
      ),
    )
    .optionsGroup('Worker')
    .addOption(option('--dir <path>', "the worker's working directory"))
    .addOption(option('--envdir <dir>', 'variables for the worker, a file each, read before every start'))
    .addOption(
      option(
        '--interval <seconds>',
        'time between starts, and how long a worker must live to count as started',
      ).argParser(number('interval', 'seconds')),
    )
    .optionsGroup('Deploy and stop')
    .addOption(
      option('--signal-on-hup <name>', 'tells an old worker to go (TERM)').argParser(signal('signal-on-hup')),
    )
    .addOption(
      option('--signal-on-term <name>', 'tells all workers to stop (TERM)').argParser(
        signal('signal-on-term'),
      ),
    )
    .addOption(
      option(
        '--kill-old-delay <seconds>',
        'wait before telling the old worker to go (0; with auto restart 5)',
      ).argParser(number('kill-old-delay', 'seconds')),
    )
    .addOption(option('--enable-auto-restart', 'deploy anew from time to time'))
    .addOption(
      option('--auto-restart-interval <seconds>', 'how often that is (360)').argParser(
        number('auto-restart-interval', 'seconds'),
      ),
    )
    .optionsGroup('Files')
    .addOption(option('--pid-file <file>', 'holds our pid, locked as long as we live'))
    .addOption(option('--status-file <file>', 'a line GENERATION:PID for each live generation'))
    .addOption(
      option(
        '--log-file <file>',
        "our lines and the workers' output; '| command' pipes them to it",
      ).argParser(one(parseLogFile)),
    )
    .optionsGroup('Run in the background, and control it')
    .addOption(option('--daemonize', 'return when it serves; needs --log-file'))
    .addOption(option('--restart', 'deploy, and return when only the new generation is left'))
    .addOption(option('--stop', 'stop it, and return when it has gone'))
    .optionsGroup('Other')
    .addOption(option('--help', 'print this'))
    .addOption(option('--version', 'print the version'));
}
