// The superdaemon that a pid file names, as a client sees it: running as long as somebody holds the file's lock. No pid
// is ever signalled on the word of the file alone.

import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { toBytes } from '../posix/bytes.ts';
import { isUnlocked } from '../posix/lock.ts';
import { fileIdentity } from '../posix/own-file.ts';
import { sendSignal } from '../posix/signals.ts';
import { errorCode, reason } from '../posix/system-error.ts';
import { sleep } from '../sleep.ts';
import { StartupError } from '../startup-error.ts';
import type { Signal } from '../superdaemon/host.ts';
import type { TimeLimit } from './time-limit.ts';

export interface Running extends Disposable {
  readonly pid: number;
  readonly pidFileIdentity: string;
  signal(signal: Signal): void;
  /** Its lock is free: the process is gone. */
  isGone(): boolean;
}

const NOT_RUNNING = 3;
const POLL_MS = 20;

/** Throws StartupError when no superdaemon runs, or when the file does not name it. */
export function findRunning(pidFile: string): Running {
  const option = `--pid-file=${pidFile}`;
  const fd = open(option, pidFile);
  try {
    if (isUnlocked(fd)) {
      throw new StartupError(`${option}: stale, nobody holds its lock: no superdaemon is running`, {
        exitStatus: NOT_RUNNING,
      });
    }
    const pid = parsePid(option, readFileSync(fd, 'latin1'));
    return {
      pid,
      pidFileIdentity: fileIdentity(fd),
      signal: (signal) => deliver(option, pid, signal),
      isGone: () => isUnlocked(fd),
      [Symbol.dispose]: () => closeSync(fd),
    };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Resolves when `done` says so; `describe` says what is waited for. */
export async function until(done: () => boolean, limit: TimeLimit, describe: () => string): Promise<void> {
  while (!done()) await limit.within(sleep(POLL_MS), describe);
}

export function wentAway(pidFile: string, pid: number, what = 'the deploy'): StartupError {
  return new StartupError(`--pid-file=${pidFile}: superdaemon ${pid} went away during ${what}`);
}

function open(option: string, pidFile: string): number {
  try {
    return openSync(toBytes(pidFile), constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const missing = errorCode(error) === 'ENOENT';
    const text = missing ? 'no such file: no superdaemon is running' : `cannot open: ${reason(error)}`;
    throw new StartupError(`${option}: ${text}`, { exitStatus: missing ? NOT_RUNNING : 1, cause: error });
  }
}

function parsePid(option: string, text: string): number {
  const pid = /^\s*([1-9]\d{0,9})\s*$/.exec(text)?.[1];
  if (pid === undefined) throw new StartupError(`${option}: does not hold a pid`);
  return Number(pid);
}

function deliver(option: string, pid: number, signal: Signal): void {
  try {
    sendSignal(pid, signal);
  } catch (error) {
    throw new StartupError(`${option}: cannot signal ${pid}: ${reason(error)}`, { cause: error });
  }
}
