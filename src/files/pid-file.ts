// The pid file: `PID\n`, under an exclusive flock(2) for the superdaemon's whole life. The kernel's lock is the
// ownership: it goes with the process, however that ends. Nothing is written before the lock is held.

import { fchmodSync, fstatSync, ftruncateSync, writeSync } from 'node:fs';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { fileIdentity, identityAt, isStillAt, removeOwnFile } from '../posix/file/own-file.ts';
import { reason } from '../posix/libc/system-error.ts';
import { StartupError } from '../startup-error.ts';
import { isNew, removeAt, removeIfNew } from './new-pid-file.ts';
import { lockOrRefuse, openPidFile } from './pid-file-lock.ts';
import { pidFileOwner } from './pid-file-owner.ts';
import { setAside } from './set-aside.ts';

export interface PidFile extends Disposable {
  /** `DEVICE:INODE`. */
  readonly identity: string;
  /** For the successor. */
  forSuccessor(): InheritedPidFile;
  /** Writes our pid: from here on others can find us. Throws StartupError when it cannot be written in full. */
  write(): void;
}

export interface InheritedPidFile {
  /** Open, and locked. */
  readonly fd: number;
  /** Tells the file from any other (own-file.ts). */
  readonly file: string;
}

/** Locks the file, made if need be, and empties it: it names nobody until `write`. Throws StartupError when it is another's. */
export async function takePidFile(path: string): Promise<PidFile> {
  for (;;) {
    const fd = openPidFile(path);
    try {
      const isLocked = await lockOrRefuse(fd, path);
      if (!isLocked) replace(path, fd);
      // Between our open and our lock its last owner may have removed it: then we hold a file without a name.
      else if (isStillAt(path, fd)) return emptied(path, fd);
    } catch (error) {
      removeIfNew(path, fd);
      closeQuietly(fd);
      throw error instanceof StartupError ? error : unusable(path, error);
    }
    closeQuietly(fd);
  }
}

function unusable(path: string, cause: unknown): StartupError {
  return new StartupError(`--pid-file=${path}: cannot use it: ${reason(cause)}`, { cause });
}

/** It named one that is gone: from now on it names nobody, until it names us. A start that fails leaves none. */
function emptied(path: string, fd: number): PidFile {
  try {
    const file = fstatSync(fd);
    blank(fd);
    setMode(fd, isNew(file) ? READABLE & ~process.umask() : file.mode & 0o777 & ~OTHERS_WRITE);
    return ownedPidFile(path, { fd, file: identityAt(path) });
  } catch (error) {
    removeAt(path, fd);
    throw error;
  }
}

const READABLE = 0o644;
/** Whatever the umask: they could name another process. */
const OTHERS_WRITE = 0o022;

function setMode(fd: number, mode: number): void {
  try {
    fchmodSync(fd, mode);
  } catch {
    // It is root's, or its file system knows no modes. Clients do not go by the file alone.
  }
}

/** Whoever may read a file can keep its lock for ever: then another file gets the name. */
function replace(path: string, fd: number): void {
  try {
    setAside(path, fd, () => pidFileOwner(fd).kind === 'nobody');
  } catch (error) {
    const text = `--pid-file=${path}: locked by a process of another user, and cannot be replaced: ${reason(error)}`;
    throw new StartupError(text, { cause: error });
  }
}

/** The lock is ours already: it belongs to the open file, whichever program of this process has it. */
export function ownedPidFile(path: string, { fd, file }: InheritedPidFile): PidFile {
  const remove = removeOwnFile(path, file);
  return {
    identity: fileIdentity(fd),
    forSuccessor: () => ({ fd, file }),
    write: () => write(path, fd),
    // The lock itself goes with the process, so that who waits for it knows that nothing is left of us.
    [Symbol.dispose]: () => {
      remove();
      blankIfLeft(path, fd);
    },
  };
}

/** Where it cannot be removed it must not look as if we had been killed. */
function blankIfLeft(path: string, fd: number): void {
  try {
    if (isStillAt(path, fd)) blank(fd);
  } catch {
    // Its directory is out of reach.
  }
}

/** Not an empty one: a file that was truncated ext4 writes to the disk when it is closed, and our end waits for it. */
function blank(fd: number): void {
  if (fstatSync(fd).size > 0) ftruncateSync(fd);
}

function write(path: string, fd: number): void {
  const text = `${process.pid}\n`;
  try {
    if (writeSync(fd, text, 0) < text.length) throw new Error('no space left on device');
  } catch (error) {
    throw new StartupError(`--pid-file=${path}: cannot write: ${reason(error)}`, { cause: error });
  }
}
