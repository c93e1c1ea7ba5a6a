// The command line → one frozen Invocation, fully parsed: nothing behind this file looks at option text again.

import { Command, Option } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { getoptLong, type OptionName } from './getopt-long.ts';
import { platform } from './posix/platform.ts';
import { parseSignal } from './posix/signals.ts';
import { parsePath, parsePort, type SocketSpec } from './sockets/socket-spec.ts';
import { StartupError } from './startup-error.ts';
import type { Signal } from './superdaemon/host.ts';

export type Invocation =
  | { readonly kind: 'print'; readonly text: string }
  | { readonly kind: 'start'; readonly options: StartOptions };

export interface StartOptions {
  /** In the order of binding: every --port, then every --path. */
  readonly sockets: readonly SocketSpec[];
  readonly backlog: number;
  readonly command: readonly [program: string, ...args: string[]];
  /** undefined: the superdaemon's own. */
  readonly directory: string | undefined;
  readonly intervalMs: number;
  readonly signalOnHup: Signal;
  readonly signalOnTerm: Signal;
  readonly pidFile: string | undefined;
  readonly statusFile: string | undefined;
  readonly envdir: string | undefined;
  /** Variables that workers see because an option was given; an envdir may change them. */
  readonly exported: ReadonlyMap<string, string>;
}

/** What commander collects; undefined where an option was not given. */
interface Given {
  readonly port?: readonly SocketSpec[];
  readonly path?: readonly SocketSpec[];
  readonly backlog?: number;
  readonly dir?: string;
  readonly interval?: number;
  readonly signalOnHup?: Signal;
  readonly signalOnTerm?: Signal;
  readonly killOldDelay?: number;
  readonly pidFile?: string;
  readonly statusFile?: string;
  readonly envdir?: string;
  readonly enableAutoRestart?: true;
  readonly autoRestartInterval?: number;
  readonly help?: true;
  readonly version?: true;
}

export interface CommandLine {
  readonly words: readonly string[];
  /** POSIXLY_CORRECT is set: options end at the first word that is none. */
  readonly posixlyCorrect: boolean;
}

/** Throws StartupError with a line for each option that is wrong. */
export function parseOptions({ words, posixlyCorrect }: CommandLine): Invocation {
  const problems: string[] = [];
  const program = defineOptions(problems);
  const spelling = getoptLong(words, optionNames(program), posixlyCorrect);
  program.parse(spelling.options, { from: 'user' });
  const errors = [...spelling.errors, ...problems];
  if (errors.length > 0) throw new StartupError(errors.join('\n'));
  const given = program.opts<Given>();
  if (given.help) return { kind: 'print', text: program.helpInformation().trimEnd() };
  if (given.version) return { kind: 'print', text: packageJson.version };
  return { kind: 'start', options: Object.freeze(startOptions(given, spelling.command)) };
}

function optionNames(program: Command): OptionName[] {
  return program.options.map((option) => ({
    name: option.long?.slice(2) ?? '',
    takesValue: option.required,
  }));
}

function startOptions(given: Given, [program, ...args]: readonly string[]): StartOptions {
  if (program === undefined) throw new StartupError('no command given: what should the workers run?');
  return {
    sockets: [...(given.port ?? []), ...(given.path ?? [])],
    backlog: given.backlog || platform.SOMAXCONN,
    command: [program, ...args],
    directory: given.dir,
    intervalMs: (given.interval ?? 1) * 1000,
    signalOnHup: given.signalOnHup ?? 'SIGTERM',
    signalOnTerm: given.signalOnTerm ?? 'SIGTERM',
    pidFile: given.pidFile,
    statusFile: given.statusFile,
    envdir: given.envdir,
    exported: exportedVariables(given),
  };
}

function exportedVariables(given: Given): ReadonlyMap<string, string> {
  const { envdir, enableAutoRestart, killOldDelay, autoRestartInterval } = given;
  const variables = new Map<string, string>();
  if (envdir !== undefined) variables.set('ENVDIR', envdir);
  if (enableAutoRestart) variables.set('ENABLE_AUTO_RESTART', '1');
  if (killOldDelay !== undefined) variables.set('KILL_OLD_DELAY', String(killOldDelay));
  if (autoRestartInterval !== undefined) variables.set('AUTO_RESTART_INTERVAL', String(autoRestartInterval));
  return variables;
}

/** The option table. `problems` hears of every value that is wrong, so that all are reported at once. */
function defineOptions(problems: string[]): Command {
  const one =
    <Value>(parse: (text: string) => Value) =>
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
  const number = (name: string, unit: string) => one((text) => parseNumber(`--${name}=${text}`, text, unit));
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
    .optionsGroup('Other')
    .addOption(option('--help', 'print this'))
    .addOption(option('--version', 'print the version'));
}

/** Perl's integers: a leading plus and underscores between digits are fine. */
function parseNumber(option: string, text: string, unit: string): number {
  if (!/^\+?\d[\d_]*$/.test(text)) throw new StartupError(`${option}: not a whole number of ${unit}`);
  const value = Number(text.replace(/[+_]/g, ''));
  if (value > 0x7fff_ffff) throw new StartupError(`${option}: too large`);
  return value;
}

function parseSignalOption(option: string, text: string): Signal {
  const signal = parseSignal(text);
  if (signal === undefined) throw new StartupError(`${option}: no such signal`);
  return signal;
}
