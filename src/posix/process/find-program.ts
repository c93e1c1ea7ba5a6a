// Where a command's program is, by the rules of execvp(3): a name with a slash is a path, any other is looked for along
// PATH. Both are relative to the directory in which the worker will run.

import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { toPath } from '../libc/bytes.ts';
import { errorCode } from '../libc/system-error.ts';

export type Found =
  | { readonly kind: 'found'; readonly file: string }
  | { readonly kind: 'missing'; readonly reason: string };

/** What execvp(3) searches when PATH is not set. */
const DEFAULT_PATH = '/bin:/usr/bin';

export interface ProgramSearch {
  readonly path: string | undefined;
  /** undefined: ours. */
  readonly directory: string | undefined;
}

export function findProgram(program: string, { path = DEFAULT_PATH, directory = '.' }: ProgramSearch): Found {
  const searched = program.includes('/')
    ? [program]
    : path.split(':').map((entry) => `${entry || '.'}/${program}`);
  let denied = false;
  for (const file of searched) {
    const verdict = judge(isAbsolute(file) ? file : `${directory}/${file}`);
    if (verdict === 'executable') return { kind: 'found', file };
    if (verdict === 'denied') denied = true;
  }
  if (denied) return { kind: 'missing', reason: `${program}: permission denied` };
  const where = program.includes('/') ? 'no such file' : `not found along PATH=${path}`;
  return { kind: 'missing', reason: `${program}: ${where}` };
}

function judge(file: string): 'executable' | 'denied' | 'missing' {
  try {
    // Most of PATH does not hold the program: a miss must not cost an exception.
    const path = toPath(file);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return 'missing';
    accessSync(path, constants.X_OK);
    return found.isDirectory() ? 'denied' : 'executable';
  } catch (error) {
    return errorCode(error) === 'EACCES' ? 'denied' : 'missing';
  }
}
