import { openSync } from 'node:fs';
import { startLogCommand } from './log-command.ts';
import { asItIs, type Output, type OutputOptions } from './output.ts';
import { pointStreams, type SavedStreams, savedStreams, saveStreams } from './saved-streams.ts';
import type { LogCommand } from './supervised-command.ts';

/** In the background it gets no stream of the caller's, who would wait for their end; in the foreground it keeps them. */
export function commandOutput(command: string, options: OutputOptions): Output {
  const original = saveStreams();
  const theirs = options.inBackground ? noStreams() : original;
  const { stdout, stderr } = theirs;
  const started = startLogCommand(command, { stdout, stderr }, options);
  const output = supervisedOutput(started, { theirs, areOriginal: theirs === original });
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

interface CommandStreams {
  /** Those that the command has, and gets when it is started again. */
  readonly theirs: SavedStreams;
  /** They are those of the start. */
  readonly areOriginal: boolean;
}

export function supervisedOutput(logCommand: LogCommand, { theirs, areOriginal }: CommandStreams): Output {
  const { stdout, stderr } = theirs;
  return {
    ...asItIs,
    forSuccessor: () => ({
      logCommand: logCommand.forSuccessor(),
      streams: areOriginal ? { stdout, stderr } : undefined,
    }),
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
