import { openSync, readlinkSync, renameSync, type Stats, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { statOrNothing } from '../posix/file/own-file.ts';
import { toPath } from '../posix/libc/bytes.ts';
import { errorCode } from '../posix/libc/system-error.ts';

/** Readers see the whole old text or the whole new one; on a full disk the old one stays. Throws what the system says. */
export function replaceFile(path: string, text: string, mode: number): void {
  closeQuietly(replaceAndOpen(path, text, mode));
}

/** The same, and returns the new file, open for writing. `prepare` comes before anybody can see it. */
export function replaceAndOpen(
  path: string,
  text: string,
  mode: number,
  prepare: (fd: number) => void = () => {},
): number {
  refuseDevice(path);
  const { fd, temporary } = createBeside(path, mode);
  try {
    prepare(fd);
    writeFileSync(fd, text);
    renameSync(toPath(temporary), toPath(path));
    return fd;
  } catch (error) {
    closeQuietly(fd);
    removeIfOurs(temporary);
    throw error;
  }
}

/**
 * Made exclusively: neither a planted file nor a symbolic link is ever written to. The name is the same each time, so that
 * what a SIGKILL leaves of one is removed by the next; where it is somebody else's, it is one that nobody can guess.
 */
function createBeside(path: string, mode: number): { readonly fd: number; readonly temporary: string } {
  const usual = `${path}.start-server-new`;
  const create = (temporary: string) => ({ fd: openSync(toPath(temporary), 'wx', mode), temporary });
  try {
    return create(usual);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  return create(removeIfOurs(usual) ? usual : `${path}.${Math.random().toString(36).slice(2)}`);
}

function removeIfOurs(path: string): boolean {
  try {
    const file = statOrNothing(path);
    if (!file?.isFile() || file.uid !== process.geteuid?.()) return false;
    unlinkSync(toPath(path));
    return true;
  } catch {
    return false;
  }
}

/** Root could put a file in the place of /dev/null or /dev/stdout, for everybody on the machine. Throws where that was asked for. */
export function refuseDevice(path: string): void {
  const named = statOrNothing(path);
  if (named === undefined || !(named.isSymbolicLink() ? leadsToDevice(path) : isDevice(named))) return;
  throw new Error('a device, and no file to be replaced');
}

/** Or to whatever a process has open. */
function leadsToDevice(link: string): boolean {
  const found = reachedBy(link);
  return (found !== undefined && isDevice(found)) || readlinkSync(toPath(link)).startsWith('/proc/');
}

/** undefined where it leads nowhere: to nothing, to itself, to where we may not look. */
function reachedBy(link: string): Stats | undefined {
  try {
    return statSync(toPath(link));
  } catch {
    return undefined;
  }
}

function isDevice(found: Stats): boolean {
  return found.isCharacterDevice() || found.isBlockDevice();
}
