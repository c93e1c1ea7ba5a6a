// Where standard output and error go, ours and the workers': they stay until set-up is complete, then `redirect`
// points descriptors 1 and 2 at the log, so that every worker inherits it without further ado.

import { openSync } from 'node:fs';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { startLogCommand, superviseLogCommand } from './log-command.ts';
import { openLogFile } from './open-log-file.ts';
import { pointStreams, type SavedStreams, savedStreams, saveStreams } from './saved-streams.ts';
import type { InheritedLogCommand, LogCommand, LogCommandOptions } from './supervised-command.ts';

export type LogTarget =
  | { readonly kind: 'standard-error' }
  | { readonly kind: 'file'; readonly path: string }
  /** A shell command that reads the log. */
  | { readonly kind: 'command'; readonly command: string };

export interface Output extends Disposable {
  redirect(): void;
  /** Gives the original streams back, for an error that the caller is to see. */
  restore(): void;
  /** For him who sees the original standard error, as long as that is needed. */
  tellCaller(text: string): void;
  /** The original streams are needed no more. */
  settle(): void;
  /** Opens a log file anew, under its name, for our lines and for later workers; false when there is none to reopen. */
  reopen(): boolean;
  /** What the successor needs besides descriptors 1 and 2. */
  forSuccessor(): InheritedLogCommand | undefined;
}

export const asItIs: Output = {
  redirect: () => {},
  restore: () => {},
  tellCaller: () => {},
  settle: () => {},
  reopen: () => false,
  forSuccessor: () => undefined,
  [Symbol.dispose]: () => {},
};

export interface OutputOptions extends LogCommandOptions {
  /** A daemon. */
  readonly inBackground: boolean;
}

/** Throws StartupError. */
export function openOutput(target: LogTarget, options: OutputOptions): Output {
  switch (target.kind) {
    case 'standard-error':
      return asItIs;
    case 'file':
      return fileOutput(target.path);
    case 'command':
      return commandOutput(target.command, options);
  }
}

/** Set up by the predecessor: descriptors 1 and 2 are where they belong. Never throws. */
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
    tellCaller: original.tell,
    settle: original[Symbol.dispose],
    reopen: reopener(path),
    [Symbol.dispose]: original[Symbol.dispose],
  };
}

export function reopener(path: string): () => true {
  return () => {
    pointAt(openLogFile(path));
    return true;
  };
}

export function pointAt(log: number): void {
  pointStreams(log, log);
  closeQuietly(log);
}

/** In the background it gets no stream of the caller's, who would wait for their end; in the foreground it keeps them. */
function commandOutput(command: string, options: OutputOptions): Output {
  const original = saveStreams();
  const theirs = options.inBackground ? noStreams() : original;
  const { stdout, stderr } = theirs;
  const output = supervisedOutput(startLogCommand(command, { stdout, stderr }, options), theirs);
  return {
    ...output,
    restore: original.restore,
    tellCaller: original.tell,
    settle: () => {
      if (theirs !== original) original[Symbol.dispose]();
    },
    [Symbol.dispose]: () => {
      output[Symbol.dispose]();
      original[Symbol.dispose]();
    },
  };
}

/** `theirs`: those that the command has, and gets when it is started again. */
export function supervisedOutput(logCommand: LogCommand, theirs: SavedStreams): Output {
  return {
    ...asItIs,
    forSuccessor: () => logCommand.forSuccessor(),
    redirect: () => pointStreams(logCommand.fd, logCommand.fd),
    [Symbol.dispose]: () => {
      logCommand[Symbol.dispose]();
      theirs[Symbol.dispose]();
    },
  };
}

export function noStreams(): SavedStreams {
  return savedStreams({ stdout: openSync('/dev/null', 'w'), stderr: openSync('/dev/null', 'w') });
}
