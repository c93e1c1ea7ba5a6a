// Whether the worker could be executed, in the words in which its first start would fail.

import { accessSync, constants, existsSync, openSync, readSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { fromBytes, toBytes } from '../posix/libc/bytes.ts';
import { reason } from '../posix/libc/system-error.ts';
import { findProgram, type ProgramSearch } from '../posix/process/find-program.ts';
import type { Privileges } from '../posix/process/privileges.ts';
import { directoryTrouble, refusal } from './refusal.ts';
import { obstacle } from './try-privileges.ts';

export type Tried =
  | { readonly kind: 'found'; readonly file: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** `privileges`: those that it is going to have; undefined: ours. */
export function tryProgram(program: string, search: ProgramSearch, privileges?: Privileges): Tried {
  const { directory } = search;
  const found = findProgram(program, search);
  const trouble = directoryTrouble(directory);
  if (trouble !== undefined) return { kind: 'refused', reason: trouble };
  if (found.kind === 'missing') return { kind: 'refused', reason: found.reason };
  try {
    if (directory !== undefined) accessSync(toBytes(directory), constants.X_OK);
    const interpreter = interpreterOf(inDirectory(found.file, directory));
    if (interpreter !== undefined && !existsSync(toBytes(inDirectory(interpreter, directory))))
      return { kind: 'refused', reason: `${program}: no such file or directory` };
    const error = privileges && obstacle(privileges, { directory, file: found.file });
    return error === undefined
      ? found
      : { kind: 'refused', reason: refusal(error, { program, directory, privileges }) };
  } catch (error) {
    return { kind: 'refused', reason: `${program}: ${reason(error)}` };
  }
}

function inDirectory(file: string, directory = '.'): string {
  return isAbsolute(file) ? file : `${directory}/${file}`;
}

/** What a script names in its first line. */
function interpreterOf(file: string): string | undefined {
  const start = Buffer.alloc(256);
  try {
    const fd = openSync(toBytes(file), constants.O_RDONLY | constants.O_NONBLOCK);
    readSync(fd, start);
    closeQuietly(fd);
  } catch {
    return undefined; // It may be executed all the same.
  }
  return /^#![ \t]*(?<path>[^\s\0]+)/.exec(fromBytes(start))?.groups?.path;
}
