// The lock of a pid file, or why there is none for us.

import { constants, fstatSync, openSync } from 'node:fs';
import { lock } from '../posix/file/lock.ts';
import { toBytes } from '../posix/libc/bytes.ts';
import { reason } from '../posix/libc/system-error.ts';
import { sleep } from '../posix/sleep.ts';
import { StartupError } from '../startup-error.ts';
import { type PidFileOwner, pidFileOwner } from './pid-file-owner.ts';

/** Or whoever opens it first could lock it before us. */
export const MODE_WHEN_NEW = 0o600;

/** Another may have it for an instant (a trial start): only a lock held longer is an owner's. */
const PATIENCE_MS = 300;
const RETRY_MS = 20;

/** `create`: O_CREAT, or 0. */
export function openPidFile(path: string, create = constants.O_CREAT): number {
  // Non-blocking, or opening a FIFO would wait for its other end.
  const flags = constants.O_RDWR | create | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  try {
    return openSync(toBytes(path), flags, MODE_WHEN_NEW);
  } catch (error) {
    throw new StartupError(`--pid-file=${path}: cannot open: ${reason(error)}`, { cause: error });
  }
}

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
