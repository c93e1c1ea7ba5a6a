// Where standard output and error go, ours and the workers': they stay until set-up is complete, then `redirect`
// points descriptors 1 and 2 at the log, so that every worker inherits it without further ado.

import { closeSync, constants, lstatSync, openSync } from 'node:fs';
import { toBytes } from '../posix/bytes.ts';
import { closeQuietly, duplicate } from '../posix/descriptor.ts';
import { dup2, fcntl } from '../posix/libc.ts';
import { platform } from '../posix/platform.ts';
import { errorCode, reason } from '../posix/system-error.ts';
import { StartupError } from '../startup-error.ts';
import { type LogCommandOptions, type Streams, startLogCommand } from './log-command.ts';

export type LogTarget =
  | { readonly kind: 'standard-error' }
  | { readonly kind: 'file'; readonly path: string }
  /** A shell command that reads the log. */
  | { readonly kind: 'command'; readonly command: string };

export interface Output extends Disposable {
  redirect(): void;
  /** Gives the original streams back, for an error that the caller is to see. */
  restore(): void;
  /** The original streams are needed no more. */
  settle(): void;
  /** Opens a log file anew, under its name, for our lines and for later workers; false when there is none to reopen. */
  reopen(): boolean;
}

export function openOutput(target: LogTarget, options: LogCommandOptions): Output {
  switch (target.kind) {
    case 'standard-error':
      return {
        redirect: () => {},
        restore: () => {},
        settle: () => {},
        reopen: () => false,
        [Symbol.dispose]: () => {},
      };
    case 'file':
      return fileOutput(target.path);
    case 'command':
      return commandOutput(target.command, options);
  }
}

function fileOutput(path: string): Output {
  const fd = openLogFile(path);
  const original = saveStreams();
  const pointAt = (log: number) => {
    pointStreams(log, log);
    closeSync(log);
  };
  return {
    redirect: () => pointAt(fd),
    restore: original.restore,
    settle: original[Symbol.dispose],
    reopen: () => {
      pointAt(openLogFile(path));
      return true;
    },
    [Symbol.dispose]: original[Symbol.dispose],
  };
}

function commandOutput(command: string, options: LogCommandOptions): Output {
  const original = saveStreams();
  const logCommand = startLogCommand(command, original, options);
  return {
    redirect: () => pointStreams(logCommand.fd, logCommand.fd),
    restore: original.restore,
    // A command that is started again wants them.
    settle: () => {},
    reopen: () => false,
    [Symbol.dispose]: () => {
      logCommand[Symbol.dispose]();
      original[Symbol.dispose]();
    },
  };
}

/** `create`: O_CREAT, or 0. */
export function openLogFile(path: string, create = constants.O_CREAT): number {
  try {
    const fd = openWithoutWaiting(path, create);
    fcntl(fd, platform.F_SETFL, constants.O_APPEND);
    return fd;
  } catch (error) {
    if (error instanceof StartupError) throw error;
    const why = errorCode(error) === 'ENXIO' ? 'nobody reads from it' : reason(error);
    throw new StartupError(`--log-file=${path}: cannot open: ${why}`, { cause: error });
  }
}

/** Follows a symbolic link (/dev/stdout is one), but not one that another user may have planted. */
function openWithoutWaiting(path: string, create: number): number {
  // Non-blocking, or opening a FIFO would wait for its reader; the flag must not stay, for the workers share it.
  const flags = constants.O_WRONLY | constants.O_APPEND | create | constants.O_NONBLOCK;
  try {
    return openSync(toBytes(path), flags | constants.O_NOFOLLOW, 0o666);
  } catch (error) {
    if (errorCode(error) !== 'ELOOP') throw error;
    const { uid } = lstatSync(toBytes(path));
    if (uid !== 0 && uid !== process.geteuid?.()) {
      throw new StartupError(`--log-file=${path}: a symbolic link of another user`);
    }
    return openSync(toBytes(path), flags, 0o666);
  }
}

interface SavedStreams extends Streams, Disposable {
  restore(): void;
}

function saveStreams(): SavedStreams {
  const [stdout, stderr] = [duplicate(1, 3), duplicate(2, 3)];
  let open = true;
  return {
    stdout,
    stderr,
    restore: () => {
      if (open) pointStreams(stdout, stderr);
    },
    [Symbol.dispose]: () => {
      if (!open) return;
      open = false;
      closeQuietly(stdout);
      closeQuietly(stderr);
    },
  };
}

function pointStreams(stdout: number, stderr: number): void {
  dup2(stdout, 1);
  dup2(stderr, 2);
}
