import { constants, fstatSync, lstatSync, openSync, type Stats } from 'node:fs';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { toBytes } from '../posix/libc/bytes.ts';
import { fcntl } from '../posix/libc/libc.ts';
import { platform } from '../posix/libc/platform.ts';
import { errorCode, reason } from '../posix/libc/system-error.ts';
import { StartupError } from '../startup-error.ts';

/** `create`: O_CREAT, or 0. */
export function openLogFile(path: string, create = constants.O_CREAT): number {
  try {
    const fd = openWithoutWaiting(path, create);
    fcntl(fd, platform.F_SETFL, constants.O_APPEND);
    return fd;
  } catch (error) {
    const why = errorCode(error) === 'ENXIO' ? 'nobody reads from it' : reason(error);
    throw new StartupError(`--log-file=${path}: cannot open: ${why}`, { cause: error });
  }
}

/** Follows a symbolic link (/dev/stdout is one), but neither that nor a FIFO which another user may have planted. */
function openWithoutWaiting(path: string, create: number): number {
  // Non-blocking, or opening a FIFO would wait for its reader; the flag must not stay, for the workers share it.
  const flags = constants.O_WRONLY | constants.O_APPEND | create | constants.O_NONBLOCK;
  const link = trustedLink(path);
  const fd = openSync(toBytes(path), link === undefined ? flags | constants.O_NOFOLLOW : flags, 0o666);
  try {
    if (link !== trustedLink(path)) throw new Error('another symbolic link was put there meanwhile');
    const file = fstatSync(fd);
    // Through a link that we trust, as /dev/stdout, the caller's pipes and terminals are reached.
    if (link === undefined && file.isFIFO()) refuseOthers(file, 'named pipe');
    return fd;
  } catch (error) {
    closeQuietly(fd);
    throw error;
  }
}

/** What tells it from any other, and from itself in another place or time; undefined: no symbolic link lies there. */
function trustedLink(path: string): string | undefined {
  const found = lstatSync(toBytes(path), { throwIfNoEntry: false });
  if (!found?.isSymbolicLink()) return undefined;
  refuseOthers(found, 'symbolic link');
  return `${found.dev}:${found.ino}:${found.ctimeMs}`;
}

function refuseOthers({ uid }: Stats, what: string): void {
  if (uid !== 0 && uid !== process.geteuid?.()) throw new Error(`a ${what} of another user`);
}
