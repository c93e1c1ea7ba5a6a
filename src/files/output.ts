// Where standard output and error go, ours and the workers': they stay until set-up is complete, then `redirect`
// points descriptors 1 and 2 at the log, so that every worker inherits it without further ado.

import { closeSync, constants, fstatSync, openSync } from 'node:fs';
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
}

export function openOutput(target: LogTarget, options: LogCommandOptions): Output {
  switch (target.kind) {
    case 'standard-error':
      return { redirect: () => {}, restore: () => {}, settle: () => {}, [Symbol.dispose]: () => {} };
    case 'file':
      return fileOutput(openLogFile(target.path));
    case 'command':
      return commandOutput(target.command, options);
  }
}

function fileOutput(fd: number): Output {
  const original = saveStreams();
  return {
    redirect: () => pointStreams(fd, fd),
    restore: original.restore,
    settle: original[Symbol.dispose],
    [Symbol.dispose]: () => {
      original[Symbol.dispose]();
      closeSync(fd);
    },
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
    [Symbol.dispose]: () => {
      logCommand[Symbol.dispose]();
      original[Symbol.dispose]();
    },
  };
}

function openLogFile(path: string): number {
  // Non-blocking, or opening a FIFO would wait for its reader; the flag must not stay, for the workers share it.
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
  try {
    const fd = openSync(toBytes(path), flags, 0o666);
    if (!fstatSync(fd).isFile()) fcntl(fd, platform.F_SETFL, constants.O_APPEND);
    return fd;
  } catch (error) {
    const why = errorCode(error) === 'ENXIO' ? 'nobody reads from it' : reason(error);
    throw new StartupError(`--log-file=${path}: cannot open: ${why}`, { cause: error });
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
