// The pid file: `PID\n`, under an exclusive flock(2) for the superdaemon's whole life. The kernel's lock is the
// ownership: it goes with the process, however that ends. Nothing is written before the lock is held.

import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs';
import { toBytes } from '../posix/bytes.ts';
import { flock } from '../posix/libc.ts';
import { removeOwnFile } from '../posix/own-file.ts';
import { errorCode, reason } from '../posix/system-error.ts';
import { StartupError } from '../startup-error.ts';

export interface PidFile extends Disposable {
  /** Writes our pid: from here on others can find us. Throws StartupError when it cannot be written in full. */
  write(): void;
}

const LOCK_EX = 2;
const LOCK_NB = 4;

/** Locks the file, made if need be. Throws StartupError when another process holds it, naming that one. */
export function takePidFile(path: string): PidFile {
  for (;;) {
    const fd = open(path);
    try {
      lock(fd, path);
      // Between our open and our lock its last owner may have removed it: then we hold a file without a name.
      if (isStillAt(path, fd)) return owned(path, fd);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    closeSync(fd);
  }
}

function open(path: string): number {
  // Non-blocking, or opening a FIFO would wait for its other end.
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  try {
    return openSync(toBytes(path), flags, 0o644);
  } catch (error) {
    throw new StartupError(`--pid-file=${path}: cannot open: ${reason(error)}`, { cause: error });
  }
}

function lock(fd: number, path: string): void {
  if (!fstatSync(fd).isFile()) throw new StartupError(`--pid-file=${path}: not a regular file`);
  try {
    flock(fd, LOCK_EX | LOCK_NB);
  } catch (error) {
    if (errorCode(error) !== 'EAGAIN' && errorCode(error) !== 'EWOULDBLOCK') {
      throw new StartupError(`--pid-file=${path}: cannot lock: ${reason(error)}`, { cause: error });
    }
    throw new StartupError(`--pid-file=${path}: another superdaemon is running, ${holder(fd)}`);
  }
}

function holder(fd: number): string {
  const text = Buffer.alloc(32);
  const pid = text.toString('latin1', 0, readSync(fd, text, 0, text.length, 0)).trim();
  return /^\d+$/.test(pid) ? `pid ${pid}` : 'which is just starting';
}

function isStillAt(path: string, fd: number): boolean {
  try {
    const [named, held] = [statSync(toBytes(path)), fstatSync(fd)];
    return named.ino === held.ino && named.dev === held.dev;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

function owned(path: string, fd: number): PidFile {
  const remove = removeOwnFile(path);
  return {
    write: () => write(path, fd),
    // Removed first: whoever gets the lock afterwards sees that the name is gone, and makes a file of its own.
    [Symbol.dispose]: () => {
      remove();
      closeSync(fd);
    },
  };
}

function write(path: string, fd: number): void {
  const text = `${process.pid}\n`;
  try {
    ftruncateSync(fd);
    if (writeSync(fd, text, 0) < text.length) throw new Error('no space left on device');
  } catch (error) {
    throw new StartupError(`--pid-file=${path}: cannot write: ${reason(error)}`, { cause: error });
  }
}
