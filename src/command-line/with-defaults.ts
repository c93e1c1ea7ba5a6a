// From the options of a command line to those of a start: the defaults are the reference's, where it has the option.

import { platform } from '../posix/libc/platform.ts';
import { processors } from '../posix/process/processors.ts';
import { OPEN_TO_ALL } from '../sockets/path-access.ts';
import type { InternetSpec } from '../sockets/socket-spec.ts';
import { slotSpecs } from '../sockets/worker-ports.ts';
import { StartupError } from '../startup-error.ts';
import { usualReadiness } from '../workers/server-adapter.ts';
import type { Given } from './given.ts';
import type { AskedPrivileges } from './privilege-values.ts';
import type { StartOptions } from './start-options.ts';

const DEFAULT_READY_TIMEOUT_SECONDS = 60;
/** A broken release must not hold up what the workers that serve need. */
const POOL_START_ATTEMPTS = 3;

/** Throws StartupError for what cannot start anything. */
export function withDefaults(given: Given, [program, ...args]: readonly string[]): StartOptions {
  if (given.daemonize && given.logFile === undefined) throw new StartupError('--daemonize: needs --log-file');
  if (given.as === 'node' && given.listenFds) {
    throw new StartupError(
      '--as=node: not with --listen-fds, which puts the sockets where they do not survive npm and the like',
    );
  }
  if (program === undefined) throw new StartupError(`server program not specified: ${whatIsMissing(given)}`);
  return {
    command: [program, ...args],
    ...socketOptions(given),
    ...workerOptions(given),
    ...deployOptions(given),
    ...careOptions(given),
    ...fileOptions(given),
    daemonize: given.daemonize ?? false,
    fdStore: given.fdStore ?? false,
    exported: exportedVariables(given),
  };
}

function socketOptions(given: Given) {
  return {
    sockets: [...(given.port ?? []), ...(given.path ?? [])],
    workerPorts: workerPorts(given),
    backlog: given.backlog || platform.SOMAXCONN,
    pathAccess: { mode: given.pathMode ?? OPEN_TO_ALL, owner: given.pathOwner },
    listenFds: given.listenFds ?? false,
    server: given.as,
  };
}

/** Those of the last worker have to be ports, too. */
function workerPorts({ workerPort = [], workers = 1 }: Given): readonly InternetSpec[] {
  slotSpecs(workerPort)(workers - 1);
  return workerPort;
}

function workerOptions(given: Given) {
  const isPool = given.workers !== undefined;
  return {
    directory: given.dir,
    freeze: given.freeze ?? false,
    workers: given.workers,
    surge: given.surge,
    startAtOnce: isPool ? (given.startAtOnce ?? processors()) : 1,
    maxStartAttempts: given.maxStartAttempts ?? (isPool ? POOL_START_ATTEMPTS : 0),
    intervalMs: seconds(given.interval ?? 1),
    readiness: given.ready ?? usualReadiness(given.as),
    readyTimeoutMs: seconds(given.readyTimeout || DEFAULT_READY_TIMEOUT_SECONDS),
    backoffMs: seconds(given.backoff ?? 0),
  };
}

function careOptions(given: Given) {
  return {
    watchdogMs: given.watchdog ? seconds(given.watchdog) : undefined,
    maxAgeMs: given.maxAge ? seconds(given.maxAge) : undefined,
    maxMemoryBytes: given.maxMemory || undefined,
    killTree: given.killTree ?? false,
    hooks: given.onEvent ?? [],
    privileges: privileges(given),
  };
}

/** Throws StartupError. */
function privileges(given: Given): AskedPrivileges | undefined {
  const { user, umask, nice, oomScoreAdj, limit: limits = [] } = given;
  const twice = limits.find(({ name }, place) => limits.findIndex((each) => each.name === name) < place);
  if (twice !== undefined) throw new StartupError(`--limit=${twice.text}: ${twice.name} is given twice`);
  const isAsked = [user, umask, nice, oomScoreAdj, limits[0]].some((each) => each !== undefined);
  return isAsked ? { user, umask, nice, oomScoreAdj, limits } : undefined;
}

function deployOptions(given: Given) {
  return {
    check: given.check,
    canaryMs: given.canary === undefined ? undefined : seconds(given.canary),
    canaryCheck: given.canaryCheck,
    maxOld: given.maxOld,
    signalOnHup: given.signalOnHup ?? 'SIGTERM',
    signalOnTerm: given.signalOnTerm ?? 'SIGTERM',
    killOldTimeoutMs: seconds(given.killOldTimeout ?? 0),
    stopTimeoutMs: seconds(given.stopTimeout ?? 0),
  } as const;
}

function fileOptions(given: Given) {
  return {
    pidFile: given.pidFile,
    statusFile: given.statusFile,
    metricsFile: given.metricsFile,
    envdir: given.envdir,
    log: given.logFile ?? ({ kind: 'standard-error' } as const),
    logFormat: given.logFormat ?? 'text',
  } as const;
}

/** In milliseconds. */
function seconds(count: number): number {
  return count * 1000;
}

function whatIsMissing({ pidFile, statusFile }: Given): string {
  if (pidFile !== undefined || statusFile === undefined)
    return 'put what the workers are to run behind --, as in start-server --port=8080 -- node server.js; or see --help';
  // Most likely `--status app.pid`.
  return 'with a value --status is --status-file, as in the original; --status --pid-file=FILE shows who serves';
}

function exportedVariables(given: Given): ReadonlyMap<string, string> {
  const { envdir, enableAutoRestart, killOldDelay, autoRestartInterval, user } = given;
  const variables = new Map<string, string>();
  if (envdir !== undefined) variables.set('ENVDIR', envdir);
  if (enableAutoRestart) variables.set('ENABLE_AUTO_RESTART', '1');
  if (killOldDelay !== undefined) variables.set('KILL_OLD_DELAY', String(killOldDelay));
  if (autoRestartInterval !== undefined) variables.set('AUTO_RESTART_INTERVAL', String(autoRestartInterval));
  if (user !== undefined) {
    for (const name of ['USER', 'LOGNAME']) variables.set(name, user.name);
    variables.set('HOME', user.home);
  }
  return variables;
}
