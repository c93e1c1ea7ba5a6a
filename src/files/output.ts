// Where standard output and error go, ours and the workers': they stay until set-up is complete, then `redirect`
// points descriptors 1 and 2 at the log, so that every worker inherits it without further ado.

import { closeSync, constants, lstatSync, openSync } from 'node:fs';
import { toBytes } from '../posix/bytes.ts';
import { fcntl } from '../posix/libc.ts';
import { platform } from '../posix/platform.ts';
import { errorCode, reason } from '../posix/system-error.ts';
import { StartupError } from '../startup-error.ts';
import {
  type InheritedLogCommand,
  type LogCommand,
  type LogCommandOptions,
  startLogCommand,
  superviseLogCommand,
} from './log-command.ts';
import { pointStreams, type SavedStreams, savedStreams, saveStreams } from './saved-streams.ts';

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
  /** What a program that takes over needs besides descriptors 1 and 2. */
  handOver(): InheritedLogCommand | undefined;
}

const asItIs: Output = {
  redirect: () => {},
  restore: () => {},
  settle: () => {},
  reopen: () => false,
  handOver: () => undefined,
  [Symbol.dispose]: () => {},
};

export function openOutput(target: LogTarget, options: LogCommandOptions): Output {
  switch (target.kind) {
    case 'standard-error':
      return asItIs;
    case 'file':
      return fileOutput(target.path);
    case 'command':
      return commandOutput(target.command, options);
  }
}

/** Set up by the program before this one: descriptors 1 and 2 are where they belong. Throws SystemError. */
export function inheritOutput(
  target: LogTarget,
  options: LogCommandOptions,
  logCommand: InheritedLogCommand | undefined,
): Output {
  if (target.kind === 'file') return { ...asItIs, reopen: reopener(target.path) };
  if (target.kind === 'standard-error' || logCommand === undefined) return asItIs;
  return supervisedOutput(superviseLogCommand(target.command, logCommand, options), savedStreams(logCommand));
}

function fileOutput(path: string): Output {
  const fd = openLogFile(path);
  const original = saveStreams();
  return {
    ...asItIs,
    redirect: () => pointAt(fd),
    restore: original.restore,
    settle: original[Symbol.dispose],
    reopen: reopener(path),
    [Symbol.dispose]: original[Symbol.dispose],
  };
}

function reopener(path: string): () => true {
  return () => {
    pointAt(openLogFile(path));
    return true;
  };
}

function pointAt(log: number): void {
  pointStreams(log, log);
  closeSync(log);
}

function commandOutput(command: string, options: LogCommandOptions): Output {
  const original = saveStreams();
  const { stdout, stderr } = original;
  return supervisedOutput(startLogCommand(command, { stdout, stderr }, options), original);
}

function supervisedOutput(logCommand: LogCommand, original: SavedStreams): Output {
  return {
    ...asItIs,
    handOver: logCommand.handOver,
    redirect: () => pointStreams(logCommand.fd, logCommand.fd),
    restore: original.restore,
    // Not settled: a command that is started again wants the original streams.
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
