// The pid file: `PID\n`, under an exclusive flock(2) for the superdaemon's whole life. The kernel's lock is the
// ownership: it goes with the process, however that ends. Nothing is written before the lock is held.

import { closeSync, constants, fchmodSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { toBytes } from '../posix/bytes.ts';
import { lock } from '../posix/lock.ts';
import { fileIdentity, identityAt, isStillAt, removeOwnFile } from '../posix/own-file.ts';
import { reason } from '../posix/system-error.ts';
import { sleep } from '../sleep.ts';
import { StartupError } from '../startup-error.ts';
import { type PidFileOwner, pidFileOwner } from './pid-file-owner.ts';
import { setAside } from './set-aside.ts';

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

/** Another may have it for an instant (a trial start): only a lock held longer is an owner's. */
const PATIENCE_MS = 300;
const RETRY_MS = 20;

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
      closeSync(fd);
      throw error;
    }
    closeSync(fd);
  }
}

/** It named one that is gone: from now on it names nobody, until it names us. Only its owner may write to it. */
function emptied(path: string, fd: number): PidFile {
  blank(fd);
  const { mode, uid } = fstatSync(fd);
  if (uid === process.geteuid?.() && (mode & 0o022) !== 0) fchmodSync(fd, mode & 0o7755);
  return ownedPidFile(path, { fd, file: identityAt(path) });
}

/** `create`: O_CREAT, or 0. */
export function openPidFile(path: string, create = constants.O_CREAT): number {
  // Non-blocking, or opening a FIFO would wait for its other end.
  const flags = constants.O_RDWR | create | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  try {
    return openSync(toBytes(path), flags, MODE);
  } catch (error) {
    throw new StartupError(`--pid-file=${path}: cannot open: ${reason(error)}`, { cause: error });
  }
}

/** Whatever the umask: whoever can write to it could name another process. */
const MODE = 0o644;

/** Throws StartupError when it is no file for us, or a superdaemon's already; false: a stranger has its lock. */
export async function lockOrRefuse(fd: number, path: string): Promise<boolean> {
  const option = `--pid-file=${path}`;
  const file = fstatSync(fd);
  const { nlink, uid } = file;
  if (!file.isFile()) throw new StartupError(`${option}: not a regular file`);
  // A second name may be somebody's way to have another file overwritten.
  if (nlink > 1) throw new StartupError(`${option}: has another name, too; not touching it`);
  if (uid !== 0 && uid !== process.geteuid?.()) {
    throw new StartupError(`${option}: belongs to user ${uid}, who could name any process in it: remove it`);
  }
  try {
    for (let waited = 0; waited < PATIENCE_MS; waited += RETRY_MS) {
      if (lock(fd)) return true;
      await sleep(RETRY_MS);
    }
    const owner = pidFileOwner(fd);
    if (owner.kind === 'nobody') return lock(fd);
    throw new StartupError(`${option}: another superdaemon is running, ${described(owner)}`);
  } catch (error) {
    if (error instanceof StartupError) throw error;
    throw new StartupError(`${option}: cannot lock: ${reason(error)}`, { cause: error });
  }
}

function described(owner: Exclude<PidFileOwner, { kind: 'nobody' }>): string {
  if (owner.kind === 'starting') return 'which is just starting';
  const pid = owner.kind === 'unseen' ? owner.named : owner.pid;
  return pid === undefined ? 'in another pid namespace, maybe' : `pid ${pid}`;
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
    handOver: () => ({ fd, file }),
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
