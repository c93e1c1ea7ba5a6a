// Whether this superdaemon could go by another command line: what --dry-run looks at, as far as it concerns one that runs.
// Nothing is made or changed.

import { statSync } from 'node:fs';
import type { StartOptions } from '../command-line/start-options.ts';
import { checkLog, checkMetricsFile, checkStatusFile } from '../files/check-files.ts';
import { checkEnvdir } from '../files/envdir.ts';
import { leadSomewhere } from '../files/kept-streams.ts';
import type { Output } from '../files/output.ts';
import type { PidFile } from '../files/pid-file.ts';
import { environmentSource } from '../host/environment-source.ts';
import { refusePrivileges } from '../host/refuse-privileges.ts';
import { requireServiceManager } from '../host/require-service-manager.ts';
import { identityAt } from '../posix/file/own-file.ts';
import { toBytes } from '../posix/libc/bytes.ts';
import type { Caller } from '../posix/process/caller.ts';
import { StartupError } from '../startup-error.ts';
import type { Reconfiguration } from '../superdaemon/reconfiguration.ts';
import { tryProgram } from '../workers/try-program.ts';
import { optionsOf } from './options-of.ts';
import { relativeNames } from './relative-names.ts';

export interface RunningOptions {
  readonly options: StartOptions;
  readonly caller: Caller;
  /** With what was meant for us alone. */
  readonly callerAsItIs: Caller;
  readonly pidFile: PidFile | undefined;
  readonly output: Pick<Output, 'forSuccessor'>;
  readonly warn: (message: string) => void;
}

/** Throws StartupError, in words for the user. */
export function tryOptions(to: Reconfiguration, running: RunningOptions): StartOptions {
  const { caller, warn } = running;
  const options = optionsOf(to.words, caller.environment);
  requireSamePidFile(options, running.pidFile);
  requireSameMeaning(options, to.directory);
  requireLog(options, running);
  requireServiceManager(options, running.callerAsItIs.environment);
  refusePrivileges(options);
  if (options.envdir) checkEnvdir(options.envdir);
  checkStatusFile(options.statusFile);
  checkMetricsFile(options.metricsFile);
  const path = environmentSource(options, caller).read(warn).get('PATH');
  const { command, directory, privileges } = options;
  const tried = tryProgram(command[0], { path, directory }, privileges);
  if (tried.kind === 'refused') throw new StartupError(`cannot start the worker: ${tried.reason}`);
  return options;
}

function requireSamePidFile({ pidFile }: StartOptions, ours: PidFile | undefined): void {
  if (pidFile === undefined) throw new StartupError('--pid-file: a new command line has to name it, too');
  if (ours?.forSuccessor().file !== identityOrNothing(pidFile)) {
    throw new StartupError(
      `--pid-file=${pidFile}: not the pid file of this superdaemon, which cannot change`,
    );
  }
}

function identityOrNothing(path: string): string | undefined {
  try {
    return identityAt(path);
  } catch {
    return undefined;
  }
}

/** Relative names are ours to look up, and their author has had his own directory in mind. */
function requireSameMeaning(options: StartOptions, directory: string): void {
  if (isHere(directory)) return;
  const [name] = relativeNames(options);
  if (name === undefined) return;
  throw new StartupError(
    `${name} would mean another place: the superdaemon runs in ${ownDirectory()}, and you in ${directory}: ` +
      'use absolute names, or be there',
  );
}

function isHere(directory: string): boolean {
  try {
    const [theirs, ours] = [statSync(toBytes(directory)), statSync('.')];
    return theirs.dev === ours.dev && theirs.ino === ours.ino;
  } catch {
    return false;
  }
}

function ownDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return 'a directory that is gone';
  }
}

/** The standard error of the start may be open no more, once a log has taken its place. */
function requireLog({ log }: StartOptions, { options, caller, output }: RunningOptions): void {
  if (log.kind !== 'standard-error' || options.log.kind === 'standard-error')
    return checkLog(log, caller.environment);
  const { streams } = output.forSuccessor();
  if (streams === undefined)
    throw new StartupError(
      '--log-file: can change, but not go: the standard error of the start, a pipe or that of a daemon, is closed',
    );
  if (!leadSomewhere(streams))
    throw new StartupError(
      '--log-file: can change, but not go: the terminal of the start is gone, or who read its standard error',
    );
}
