// What a log command executes: /bin/sh, and by that a program that may not be there.

import { toBytes } from '../posix/libc/bytes.ts';
import type { Caller, Environment } from '../posix/process/caller.ts';
import { environmentStrings } from '../posix/process/environment-strings.ts';
import { findProgram } from '../posix/process/find-program.ts';
import { everySignal } from '../posix/process/signals.ts';
import { prepareSpawn } from '../posix/process/spawn.ts';
import { StartupError } from '../startup-error.ts';
import type { Streams } from './supervised-command.ts';

/** As Perl's open has it: any other command is words, and what cannot be executed is an error there, by which the reference ends. */
const FOR_A_SHELL = /^\.\s|^exec\s|^\w+=|[$&*(){}[\]'";\\|?<>~`\n]/;

/**
 * Throws StartupError when a command without any of a shell's characters names what cannot be executed. In any other it is
 * for the shell to know.
 */
export function refuseMissing(command: string, environment: Environment): void {
  const words = command.trim().replace(/\s2>&1$/, '');
  if (FOR_A_SHELL.test(words)) return;
  const [program = ''] = words.split(/\s/, 1);
  const found = findProgram(program, { path: environment.get('PATH'), directory: undefined });
  if (found.kind === 'missing')
    throw new StartupError(`--log-file=|${command}: cannot start: ${found.reason}`);
}

export function shellSpawner(
  command: string,
  streams: Streams & { readonly stdin: number },
  { environment, openFilesLimit }: Pick<Caller, 'environment' | 'openFilesLimit'>,
): () => number {
  const spawn = prepareSpawn({
    descriptors: [
      { from: streams.stdin, to: 0 },
      { from: streams.stdout, to: 1 },
      { from: streams.stderr, to: 2 },
    ],
    defaultSignals: everySignal,
    blockedSignals: [],
    openFilesLimit,
  });
  const argv = ['sh', '-c', command].map(toBytes);
  return () => spawn({ file: toBytes('/bin/sh'), argv, env: environmentStrings(environment) });
}
