// The command line → one frozen Invocation, fully parsed: nothing behind this file looks at option text again.

import type { Command } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import type { LogTarget } from './files/output.ts';
import { getoptLong, type OptionName } from './getopt-long.ts';
import { beyondReference, defineOptions, type Given, type Problems } from './option-table.ts';
import { platform } from './posix/platform.ts';
import { OPEN_TO_ALL, type PathAccess } from './sockets/path-access.ts';
import type { SocketSpec } from './sockets/socket-spec.ts';
import { StartupError } from './startup-error.ts';
import type { Signal } from './superdaemon/host.ts';

export type Invocation =
  | { readonly kind: 'print'; readonly text: string }
  | { readonly kind: 'restart'; readonly pidFile: string; readonly statusFile: string }
  | { readonly kind: 'stop'; readonly pidFile: string }
  | { readonly kind: 'start'; readonly options: StartOptions };

export interface StartOptions {
  /** In the order of binding: every --port, then every --path. */
  readonly sockets: readonly SocketSpec[];
  readonly backlog: number;
  readonly pathAccess: PathAccess;
  readonly command: readonly [program: string, ...args: string[]];
  /** undefined: the superdaemon's own. */
  readonly directory: string | undefined;
  readonly intervalMs: number;
  readonly signalOnHup: Signal;
  readonly signalOnTerm: Signal;
  readonly pidFile: string | undefined;
  readonly statusFile: string | undefined;
  readonly envdir: string | undefined;
  readonly log: LogTarget;
  readonly daemonize: boolean;
  /** Variables that workers see because an option was given; an envdir may change them. */
  readonly exported: ReadonlyMap<string, string>;
}

export interface CommandLine {
  readonly words: readonly string[];
  /** POSIXLY_CORRECT is set: options end at the first word that is none. */
  readonly posixlyCorrect: boolean;
}

/** What --help ends with. */
const helpEpilogue = `Signals
  HUP                                deploy: start a new generation, then tell the old one to go
  TERM, INT, QUIT                    stop: tell all workers, exit when they have gone
  USR1                               open the log file anew

Example
  start-server --port=8080 --pid-file=app.pid --status-file=app.status -- node server.js
  start-server --restart --pid-file=app.pid --status-file=app.status`;

/** Throws StartupError with a line for each option that is wrong. */
export function parseOptions({ words, posixlyCorrect }: CommandLine): Invocation {
  const problems: Problems = { ofType: [], ofMeaning: [] };
  const program = defineOptions(problems);
  const spelling = getoptLong(words, optionNames(program), posixlyCorrect);
  program.parse(spelling.options, { from: 'user' });
  const misspelled = [...spelling.errors, ...problems.ofType];
  if (misspelled.length > 0) refuse([...misspelled, ...problems.ofMeaning]);
  const given = withoutEmpty(program.opts<Given>());
  if (given.help) return { kind: 'print', text: `${program.helpInformation()}\n${helpEpilogue}` };
  if (given.version) return { kind: 'print', text: packageJson.version };
  if (given.restart) return restart(given);
  if (given.stop) return stop(given);
  refuse(problems.ofMeaning);
  return { kind: 'start', options: Object.freeze(startOptions(given, spelling.command)) };
}

function refuse(errors: readonly string[]): void {
  if (errors.length > 0) throw new StartupError(errors.join('\n'));
}

/**
 * An empty word is as good as no option, as in the reference: scripts write `--pid-file "$PIDFILE"`. But for --envdir the
 * workers see it, and for --dir they would run elsewhere than was meant.
 */
function withoutEmpty(given: Given): Given {
  const meant = Object.entries(given).filter(([name, value]) => value !== '' || /^(env)?dir$/.test(name));
  return Object.fromEntries(meant);
}

function optionNames(program: Command): OptionName[] {
  return program.options.map(({ long, required }) => {
    const name = long?.slice(2) ?? '';
    return { name, takesValue: required, ofReference: !beyondReference.has(name) };
  });
}

function restart({ pidFile, statusFile }: Given): Invocation {
  if (pidFile === undefined) throw new StartupError('--restart: needs --pid-file');
  if (statusFile === undefined) throw new StartupError('--restart: needs --status-file');
  return { kind: 'restart', pidFile, statusFile };
}

function stop({ pidFile }: Given): Invocation {
  if (pidFile === undefined) throw new StartupError('--stop: needs --pid-file');
  return { kind: 'stop', pidFile };
}

function startOptions(given: Given, [program, ...args]: readonly string[]): StartOptions {
  if (given.daemonize && given.logFile === undefined) throw new StartupError('--daemonize: needs --log-file');
  if (program === undefined) throw new StartupError('no command given: what should the workers run?');
  return {
    sockets: [...(given.port ?? []), ...(given.path ?? [])],
    backlog: given.backlog || platform.SOMAXCONN,
    pathAccess: { mode: given.pathMode ?? OPEN_TO_ALL, owner: given.pathOwner },
    command: [program, ...args],
    directory: given.dir,
    intervalMs: (given.interval ?? 1) * 1000,
    signalOnHup: given.signalOnHup ?? 'SIGTERM',
    signalOnTerm: given.signalOnTerm ?? 'SIGTERM',
    pidFile: given.pidFile,
    statusFile: given.statusFile,
    envdir: given.envdir,
    log: given.logFile ?? { kind: 'standard-error' },
    daemonize: given.daemonize ?? false,
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
