// `start-server restart`: a command of another program's manner, which here would be the program that workers run.

import type { StartOptions } from '../command-line/start-options.ts';
import type { Environment } from '../posix/process/caller.ts';
import { findProgram } from '../posix/process/find-program.ts';
import { StartupError } from '../startup-error.ts';

const MEANT: ReadonlyMap<string, string> = new Map([
  ['help', '--help'],
  ['version', '--version'],
  ['restart', '--restart'],
  ['reload', '--restart'],
  ['deploy', '--restart'],
  ['stop', '--stop'],
  ['status', '--status'],
  ['upgrade', '--upgrade'],
  ['start', 'start-server [options] -- program [args...]'],
]);

/** Throws StartupError for such a word, unless there is a program of that name. */
export function refuseMistakenCommand(
  { command: [word], directory }: StartOptions,
  environment: Environment,
): void {
  const meant = MEANT.get(word);
  if (meant === undefined) return;
  const found = findProgram(word, { path: environment.get('PATH'), directory });
  if (found.kind === 'missing') throw new StartupError(`${found.reason}; did you mean ${meant}?`);
}
