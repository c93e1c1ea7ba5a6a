import { linkSync, renameSync, unlinkSync } from 'node:fs';
import { isStillAt } from '../posix/file/own-file.ts';
import { toBytes } from '../posix/libc/bytes.ts';
import { errorCode } from '../posix/libc/system-error.ts';

/**
 * Takes the name from an open file, so that another can have it. But if another has it already, or `isFree` says no by then,
 * the file that has been moved goes back: whoever started in this very moment keeps it. Throws SystemError.
 */
export function setAside(path: string, fd: number, isFree: () => boolean): void {
  const aside = `${path}.${Math.random().toString(36).slice(2)}`;
  try {
    renameSync(toBytes(path), toBytes(aside));
    if (!isStillAt(aside, fd) || !isFree()) linkSync(toBytes(aside), toBytes(path));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  unlinkSync(toBytes(aside));
}
