// The status file: a line GENERATION:PID for each live started worker, ascending. Readers see the whole old text or the
// whole new one. It is bookkeeping: when it cannot be written, say so, try again each second, and carry on.

import { constants, fstatSync, openSync, readSync } from 'node:fs';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { isStillAt, removeOwnFile } from '../posix/file/own-file.ts';
import { toBytes } from '../posix/libc/bytes.ts';
import { reason } from '../posix/libc/system-error.ts';
import { StartupError } from '../startup-error.ts';
import type { LiveGeneration } from '../superdaemon/host.ts';
import { replaceAndOpen } from './replace-file.ts';
import { lockAt, refuseAnothers, tryLock } from './status-file-lock.ts';

export interface StatusFile extends Disposable {
  publish(generations: readonly LiveGeneration[]): void;
}

const RETRY_MS = 1000;

/** `stays`: whether somebody still serves whom it lists when we end. */
export function statusFile(path: string, warn: (message: string) => void, stays = () => false): StatusFile {
  let published: string | undefined;
  let remove = () => {};
  let retry: NodeJS.Timeout | undefined;
  let complaint: string | undefined;
  let locked = lockAt(path);
  const unlock = () => {
    if (locked !== undefined) closeQuietly(locked);
    locked = undefined;
  };

  const write = (text: string) => {
    try {
      if (locked === undefined || !isStillAt(path, locked)) refuseAnothers(path);
      const next = replaceAndOpen(path, text, 0o644, tryLock);
      unlock();
      locked = next;
      remove = removeOwnFile(path);
      published = text;
      complaint = undefined;
    } catch (error) {
      const why = reason(error);
      if (why !== complaint) warn(`cannot write status file ${path}: ${why}`);
      complaint = why;
      retry = setTimeout(() => write(text), RETRY_MS);
    }
  };

  return {
    publish: (generations) => {
      const text = generations.map(({ generation, pid }) => `${generation}:${pid}\n`).join('');
      clearTimeout(retry);
      // Before the first worker has started there is no file.
      if (text !== (published ?? '')) write(text);
    },
    [Symbol.dispose]: () => {
      clearTimeout(retry);
      if (!stays()) remove();
      unlock();
    },
  };
}

const LONGEST = 65_536;
const MAX_PID = 2 ** 22;

export interface ListedGeneration extends LiveGeneration {
  /** When the file was written, and the worker lived: milliseconds of the wall clock. */
  readonly asOf: number;
}

/** What one that was left behind lists; nothing when it cannot be read, or any of it is not a status file's. */
export function listedGenerations(path: string): ListedGeneration[] {
  try {
    return readStatusFile(path);
  } catch {
    return [];
  }
}

/** Throws StartupError when it cannot be read, or any of it is not a status file's. */
export function readStatusFile(path: string): ListedGeneration[] {
  const option = `--status-file=${path}`;
  const { text, asOf } = readBriefly(option, path);
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => {
    const [, generation, pid] = /^([1-9]\d{0,8}):([1-9]\d{0,6})$/.exec(line) ?? [];
    if (!(Number(pid) <= MAX_PID)) throw new StartupError(`${option}: not a status file`);
    return { generation: Number(generation), pid: Number(pid), asOf };
  });
}

/** The only place where a status file is read: whatever lies there, nobody waits for it. */
function readBriefly(option: string, path: string): { readonly text: string; readonly asOf: number } {
  try {
    // Non-blocking, or opening a FIFO would wait for its other end.
    const fd = openSync(toBytes(path), constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const file = fstatSync(fd);
      if (!file.isFile()) throw new StartupError(`${option}: not a regular file`);
      const block = Buffer.alloc(LONGEST);
      return { text: block.toString('latin1', 0, readSync(fd, block)), asOf: file.mtimeMs };
    } finally {
      closeQuietly(fd);
    }
  } catch (error) {
    if (error instanceof StartupError) throw error;
    throw new StartupError(`${option}: cannot read: ${reason(error)}`, { cause: error });
  }
}
