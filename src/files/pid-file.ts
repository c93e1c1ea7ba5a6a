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
import { lock } from '../posix/lock.ts';
import { fileIdentity, identityAt, removeOwnFile } from '../posix/own-file.ts';
import { errorCode, reason } from '../posix/system-error.ts';
import { sleep } from '../sleep.ts';
import { StartupError } from '../startup-error.ts';

export interface PidFile extends Disposable {
  /** `DEVICE:INODE`. */
  readonly identity: string;
  /** For a program that takes over. */
  handOver(): InheritedPidFile;
  /** Writes our pid: from here on others can find us. Throws StartupError when it cannot be written in full. */
  write(): void;
}

export interface InheritedPidFile {
  /** Open, and locked. */
  readonly fd: number;
  /** Tells the file from any other (own-file.ts). */
  readonly file: string;
}

/** A client looks whether the lock is free by taking it for an instant: only a lock held longer is an owner's. */
const PATIENCE_MS = 300;
const RETRY_MS = 20;

/** Locks the file, made if need be. Throws StartupError when another process holds it, naming that one. */
export async function takePidFile(path: string): Promise<PidFile> {
  for (;;) {
    const fd = openPidFile(path);
    try {
      await lockOrRefuse(fd, path);
      // Between our open and our lock its last owner may have removed it: then we hold a file without a name.
      if (isStillAt(path, fd)) return ownedPidFile(path, { fd, file: identityAt(path) });
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    closeSync(fd);
  }
}

/** `create`: O_CREAT, or 0. */
export function openPidFile(path: string, create = constants.O_CREAT): number {
  // Non-blocking, or opening a FIFO would wait for its other end.
  const flags = constants.O_RDWR | create | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  try {
    return openSync(toBytes(path), flags);
  } catch (error) {
    throw new StartupError(`--pid-file=${path}: cannot open: ${reason(error)}`, { cause: error });
  }
}

export async function lockOrRefuse(fd: number, path: string): Promise<void> {
  const file = fstatSync(fd);
  if (!file.isFile()) throw new StartupError(`--pid-file=${path}: not a regular file`);
  // A second name may be somebody's way to have another file overwritten.
  if (file.nlink > 1) throw new StartupError(`--pid-file=${path}: has another name, too; not touching it`);
  for (let waited = 0; !lock(fd); waited += RETRY_MS) {
    if (waited >= PATIENCE_MS) {
      throw new StartupError(`--pid-file=${path}: another superdaemon is running, ${holder(fd)}`);
    }
    await sleep(RETRY_MS);
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

/** The lock is ours already: it belongs to the open file, whichever program of this process has it. */
export function ownedPidFile(path: string, { fd, file }: InheritedPidFile): PidFile {
  const remove = removeOwnFile(path, file);
  return {
    identity: fileIdentity(fd),
    handOver: () => ({ fd, file }),
    write: () => write(path, fd),
    // The lock itself goes with the process, so that who waits for it knows that nothing is left of us.
    [Symbol.dispose]: remove,
  };
}

function write(path: string, fd: number): void {
  const text = `${process.pid}\n`;
  try {
    // Not an empty one: a file that was truncated ext4 writes to the disk when it is closed, and our end waits for it.
    if (fstatSync(fd).size > 0) ftruncateSync(fd);
    if (writeSync(fd, text, 0) < text.length) throw new Error('no space left on device');
  } catch (error) {
    throw new StartupError(`--pid-file=${path}: cannot write: ${reason(error)}`, { cause: error });
  }
}
