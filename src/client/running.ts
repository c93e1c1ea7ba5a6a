// The superdaemon that a pid file names, as a client sees it. No process is ever signalled on the word of the file alone: it
// has to have the file's lock, and signals go to its pidfd, which was opened before that was seen.

import { constants, fstatSync, openSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { isUnlocked } from '../posix/file/lock.ts';
import { fileIdentity, isStillAt } from '../posix/file/own-file.ts';
import { toBytes } from '../posix/libc/bytes.ts';
import { errorCode, reason } from '../posix/libc/system-error.ts';
import { hasEnded, openProcess, type ProcessHandle, signalProcess } from '../posix/process/pidfd.ts';
import { sendSignal } from '../posix/process/signals.ts';
import { sleep } from '../posix/sleep.ts';
import { StartupError } from '../startup-error.ts';
import type { Signal } from '../superdaemon/host.ts';
import { anothersWords } from './another-user.ts';
import { notRunning, type OpenPidFile, ownerOf, refusal } from './owner-of.ts';
import type { TimeLimit } from './time-limit.ts';

export interface Running extends Disposable {
  /** In our own pid namespace. */
  readonly pid: number;
  readonly pidFileIdentity: string;
  signal(signal: Signal): void;
  isGone(): boolean;
  /** It is gone, and has left its pid file: it was killed, and maybe its workers live. */
  wasKilled(): boolean;
}

const POLL_MS = 20;
/** For what may be so for a moment only, while one superdaemon goes and another comes. */
const DOUBTS = 10;

/**
 * Waits for one that is just starting, as long as `limit` says; without one not at all. Throws StartupError when no
 * superdaemon runs, or when it cannot be told for certain which process it is; then `statusFile` may
 * name workers that have survived it.
 */
export async function findRunning(
  pidFile: string,
  limit: TimeLimit | undefined,
  statusFile?: string,
): Promise<Running> {
  const option = `--pid-file=${pidFile}`;
  const fd = open(option, pidFile);
  const file = { option, pidFile, fd };
  try {
    for (let doubts = 0; ; ) {
      const owner = ownerOf(file);
      const running = owner.kind === 'superdaemon' ? hold(owner.pid, file) : undefined;
      if (running !== undefined) return running;
      const canWait = owner.kind === 'starting' ? limit !== undefined : doubts++ < DOUBTS;
      if (owner.kind === 'nobody' || !canWait) throw refusal(option, owner, statusFile);
      await (limit?.within(sleep(POLL_MS), () => 'a superdaemon is just starting') ?? sleep(POLL_MS));
    }
  } catch (error) {
    closeQuietly(fd);
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
    if (errorCode(error) !== 'ENOENT') {
      throw new StartupError(`${option}: cannot open: ${reason(error)}`, { cause: error });
    }
    const path = isAbsolute(pidFile) ? '' : `, ${resolve(pidFile)}`;
    throw notRunning(`${option}: no such file${path}`, { cause: error });
  }
}

/** undefined when it is not that process any more. */
function hold(pid: number, file: OpenPidFile): Running | undefined {
  const { option, pidFile, fd } = file;
  const handle = handleOf(pid);
  const isOwner = () => {
    const owner = ownerOf(file);
    return owner.kind === 'superdaemon' && owner.pid === pid;
  };
  const isGone = () => (handle === undefined ? isUnlocked(fd) : hasEnded(handle));
  // What was seen before may have been another process of that pid.
  if (!isOwner() || isGone()) {
    handle?.[Symbol.dispose]();
    return undefined;
  }
  return {
    pid,
    pidFileIdentity: fileIdentity(fd),
    signal: (signal) => {
      try {
        if (handle !== undefined) signalProcess(handle, signal);
        else if (isOwner()) sendSignal(pid, signal);
      } catch (error) {
        throw cannotSignal(option, pid, error);
      }
    },
    isGone,
    wasKilled: () => isGone() && isStillAt(pidFile, fd) && fstatSync(fd).size > 0,
    [Symbol.dispose]: () => {
      handle?.[Symbol.dispose]();
      closeQuietly(fd);
    },
  };
}

function cannotSignal(option: string, pid: number, cause: unknown): StartupError {
  const anothers = errorCode(cause) === 'EPERM' ? anothersWords(pid) : undefined;
  return new StartupError(`${option}: ${anothers ?? `cannot signal ${pid}: ${reason(cause)}`}`, { cause });
}

/** undefined where the kernel has none (Linux before 5.3, macOS, a seccomp filter): then kill(2) follows a look at once. */
function handleOf(pid: number): ProcessHandle | undefined {
  try {
    return openProcess(pid);
  } catch {
    return undefined;
  }
}
