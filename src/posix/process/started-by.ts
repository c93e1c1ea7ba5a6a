// By what name we were started: behind that another version may lie one day.

import { resolve } from 'node:path';
import { isSameFile } from '../file/own-file.ts';
import { isSea } from '../libc/embedded.cjs';
import type { Environment } from './caller.ts';
import { readBytes, splitAtNul } from './process-text.ts';

/** Where the launcher notes its name. */
export const PROGRAM = 'START_SERVER_PROGRAM';

/** The launcher's name, or that of the single executable. */
export function startedBy(environment: Environment): string | undefined {
  const launcher = environment.get(PROGRAM);
  // Not resolve: behind a link `..` is another directory.
  if (launcher) return launcher.startsWith('/') ? launcher : `${process.cwd()}/${launcher}`;
  return isSea() ? nameOfExecutable(environment) : undefined;
}

/** By which of the caller's names this file was found: process.execPath is what that led to. */
function nameOfExecutable(environment: Environment): string | undefined {
  const [name = ''] = splitAtNul(readBytes('/proc/self/cmdline') ?? Buffer.from(process.argv0));
  const directories = name.includes('/') ? [''] : (environment.get('PATH') ?? '').split(':');
  const paths = directories.map((directory) => resolve(directory, name));
  return paths.find((path) => isSameFile(path, process.execPath));
}
