// An envdir, as daemontools has it: each file's name is a variable, its first line the value.

import { constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { fromBytes, toBytes, toPath } from '../posix/libc/bytes.ts';
import { reason } from '../posix/libc/system-error.ts';
import type { Environment } from '../posix/process/caller.ts';
import { printableJson } from '../printable.ts';
import { StartupError } from '../startup-error.ts';

/** Linux takes no longer `NAME=value\0` in an environment (MAX_ARG_STRLEN). */
const LONGEST_VARIABLE = 131_072;

/** Throws StartupError where it cannot even be looked into: at the first start nothing stands in for it. */
export function checkEnvdir(directory: string): void {
  try {
    readdirSync(toPath(directory));
  } catch (error) {
    throw new StartupError(`--envdir=${directory}: cannot read: ${reason(error)}`, { cause: error });
  }
}

/** Throws what readdir(2) throws; a single file that cannot be used is skipped, and `warn` is told why. */
export function readEnvdir(directory: string, warn: (message: string) => void): Environment {
  const variables = new Map<string, string>();
  const entries = readdirSync(toBytes(directory), { encoding: 'buffer', withFileTypes: true });
  for (const entry of entries) {
    const name = fromBytes(entry.name);
    if (name.startsWith('.')) continue;
    try {
      const value = readValue(name, { path: `${directory}/${name}`, isRegular: entry.isFile() });
      if (value !== undefined) variables.set(name, value);
    } catch (error) {
      warn(`envdir ${directory}: skipping ${printableJson(JSON.stringify(name))}: ${reason(error)}`);
    }
  }
  return variables;
}

interface File {
  readonly path: string;
  /** By the directory's own word; otherwise the file itself has to say so: it may be a symbolic link to one. */
  readonly isRegular: boolean;
}

/** undefined for an empty file: it leaves the variable alone. */
function readValue(name: string, file: File): string | undefined {
  if (name.includes('=')) throw new Error('a variable cannot have = in its name');
  const bytes = readStart(file);
  if (bytes.length === 0) return undefined;
  const newline = bytes.indexOf('\n');
  const value = fromBytes(newline === -1 ? bytes : bytes.subarray(0, newline));
  if (value.includes('\0')) throw new Error('a variable cannot hold a NUL byte');
  if (toBytes(name).length + (newline === -1 ? bytes.length : newline) + 2 > LONGEST_VARIABLE)
    throw new Error('too long for a variable');
  return value;
}

/** For all files, one after the other: 128 KiB for each would be most of what a deploy with a large envdir costs. */
const block = Buffer.allocUnsafeSlow(LONGEST_VARIABLE);

/** What it returns is overwritten by the next call. */
function readStart({ path, isRegular }: File): Buffer {
  // Non-blocking, or opening a FIFO would wait for a writer.
  const fd = openSync(toPath(path), constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!isRegular && !fstatSync(fd).isFile()) throw new Error('not a regular file');
    return block.subarray(0, readSync(fd, block));
  } finally {
    closeQuietly(fd);
  }
}
