// The command line → one frozen Invocation, fully parsed: nothing behind this file looks at option text again.

import type { Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { platform } from '../posix/libc/platform.ts';
import { processors } from '../posix/process/processors.ts';
import { OPEN_TO_ALL } from '../sockets/path-access.ts';
import { StartupError } from '../startup-error.ts';
import { usualReadiness } from '../workers/server-adapter.ts';
import { asksRunning, clientInvocation, contradictions } from './client-options.ts';
import { getoptLong, type OptionName } from './getopt-long.ts';
import type { Invocation, StartOptions } from './invocation.ts';
import { briefHelp } from './manual/brief-help.ts';
import { helpEpilogue } from './manual/help-epilogue.ts';
import { beyondReference, defineOptions, type Given, type Problems } from './option-table.ts';

export interface CommandLine {
  readonly words: readonly string[];
  /** POSIXLY_CORRECT is set: options end at the first word that is none. */
  readonly posixlyCorrect: boolean;
}

const DEFAULT_READY_TIMEOUT_SECONDS = 60;
/** A broken release must not hold up what the workers that serve need. */
const POOL_START_ATTEMPTS = 3;

/** Throws StartupError with a line for each option that is wrong. */
export function parseOptions({ words, posixlyCorrect }: CommandLine): Invocation {
  const problems: Problems = { ofType: [], ofMeaning: [] };
  const program = defineOptions(problems);
  const spelling = getoptLong(words, optionNames(program), posixlyCorrect);
  program.parse(spelling.options, { from: 'user' });
  const misspelled = [...spelling.errors, ...problems.ofType];
  if (misspelled.length > 0) refuse([...misspelled, ...problems.ofMeaning]);
  const given = withoutEmpty(program.opts<Given>());
  if (given.help === 'all') return { kind: 'print', text: `${program.helpInformation()}\n${helpEpilogue}` };
  if (given.help) return { kind: 'print', text: briefHelp() };
  if (given.version) return { kind: 'print', text: packageJson.version };
  refuse(contradictions(given));
  if (given.completion) return { kind: 'completion', shell: given.completion };
  const client = clientInvocation(given, spelling.command);
  if (client !== undefined) return client;
  refuse(problems.ofMeaning);
  const kind = given.dryRun ? 'dry-run' : 'start';
  return { kind, options: Object.freeze(startOptions(given, spelling.command)) };
}

/** Whether the log is to be JSON, and with it what we say, whatever else is wrong with the command line. */
export function wantsJson({ words, posixlyCorrect }: CommandLine): boolean {
  const program = defineOptions({ ofType: [], ofMeaning: [] });
  const { options } = getoptLong(words, optionNames(program), posixlyCorrect);
  const format = options.filter((each) => each.startsWith(FORMAT)).at(-1);
  return format === `${FORMAT}json` && !asksRunning(options);
}

const FORMAT = '--log-format=';

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
  return program.options.map(({ long, required, optional }) => {
    const name = long?.slice(2) ?? '';
    return { name, takesValue: required, mayTakeValue: optional, ofReference: !beyondReference.has(name) };
  });
}

function startOptions(given: Given, [program, ...args]: readonly string[]): StartOptions {
  if (given.daemonize && given.logFile === undefined) throw new StartupError('--daemonize: needs --log-file');
  if (given.as === 'node' && given.listenFds) {
    throw new StartupError(
      '--as=node: not with --listen-fds, which puts the sockets where they do not survive npm and the like',
    );
  }
  if (program === undefined) throw new StartupError(`server program not specified: ${whatIsMissing(given)}`);
  return {
    sockets: [...(given.port ?? []), ...(given.path ?? [])],
    backlog: given.backlog || platform.SOMAXCONN,
    pathAccess: { mode: given.pathMode ?? OPEN_TO_ALL, owner: given.pathOwner },
    listenFds: given.listenFds ?? false,
    server: given.as,
    command: [program, ...args],
    directory: given.dir,
    freeze: given.freeze ?? false,
    intervalMs: (given.interval ?? 1) * 1000,
    signalOnHup: given.signalOnHup ?? 'SIGTERM',
    signalOnTerm: given.signalOnTerm ?? 'SIGTERM',
    readiness: given.ready ?? usualReadiness(given.as),
    readyTimeoutMs: (given.readyTimeout || DEFAULT_READY_TIMEOUT_SECONDS) * 1000,
    workers: given.workers,
    startAtOnce: given.workers === undefined ? 1 : (given.startAtOnce ?? processors()),
    surge: given.surge,
    maxStartAttempts: given.maxStartAttempts ?? (given.workers === undefined ? 0 : POOL_START_ATTEMPTS),
    check: given.check,
    killOldTimeoutMs: (given.killOldTimeout ?? 0) * 1000,
    canaryMs: given.canary === undefined ? undefined : given.canary * 1000,
    canaryCheck: given.canaryCheck,
    maxOld: given.maxOld,
    stopTimeoutMs: (given.stopTimeout ?? 0) * 1000,
    backoffMs: (given.backoff ?? 0) * 1000,
    pidFile: given.pidFile,
    statusFile: given.statusFile,
    envdir: given.envdir,
    log: given.logFile ?? { kind: 'standard-error' },
    logFormat: given.logFormat ?? 'text',
    daemonize: given.daemonize ?? false,
    exported: exportedVariables(given),
  };
}

function whatIsMissing({ pidFile, statusFile }: Given): string {
  if (pidFile !== undefined || statusFile === undefined)
    return 'put what the workers are to run behind --, as in start-server --port=8080 -- node server.js; or see --help';
  // Most likely `--status app.pid`.
  return 'with a value --status is --status-file, as in the original; --status --pid-file=FILE shows who serves';
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
