// The log of a command line that has taken the place of another one.

import { isDeepStrictEqual } from 'node:util';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { reason } from '../posix/libc/system-error.ts';
import { noStreams, supervisedOutput } from './command-output.ts';
import { intoFile, pointAt } from './file-output.ts';
import { closeStreams, keepStreams } from './kept-streams.ts';
import { startLogCommand } from './log-command.ts';
import { openLogFile } from './open-log-file.ts';
import { inheritOutput } from './open-output.ts';
import { asItIs, type InheritedOutput, type LogTarget, type Output, type OutputOptions } from './output.ts';
import { pointStreams, savedStreams, saveStreams } from './saved-streams.ts';
import type { Streams } from './supervised-command.ts';

interface Change {
  readonly before: LogTarget;
  readonly now: LogTarget;
}

/**
 * As inheritOutput, where the predecessor may have had another target. What cannot be opened now, although it could be when it was tried, is
 * no reason to stop serving: our lines go on where they went. Workers that live keep what they have.
 */
export function changeOutput(
  { before, now }: Change,
  options: OutputOptions,
  inherited: InheritedOutput,
): Output {
  if (isDeepStrictEqual(before, now)) return inheritOutput(now, options, inherited);
  const streams = before.kind === 'standard-error' ? saveStreams().release() : inherited.streams;
  try {
    const output = newOutput(now, streams, options);
    if (inherited.logCommand !== undefined) leaveCommand(inherited);
    return output;
  } catch (error) {
    if (before.kind === 'standard-error' && streams !== undefined) closeStreams(streams);
    options.warn(`the log stays where it was: ${reason(error)}`);
    return inheritOutput(before, options, inherited);
  }
}

/** `streams`: those of the start; undefined: nothing is left of them. */
function newOutput(target: LogTarget, streams: Streams | undefined, options: OutputOptions): Output {
  switch (target.kind) {
    case 'standard-error':
      return backTo(streams);
    case 'file':
      pointAt(openLogFile(target.path));
      return intoFile(target.path, kept(streams, options));
    case 'command': {
      const theirs = streams === undefined ? noStreams() : savedStreams(streams);
      const areOriginal = streams !== undefined;
      const output = supervisedOutput(startLogCommand(target.command, theirs, options), {
        theirs,
        areOriginal,
      });
      output.redirect();
      return output;
    }
  }
}

function backTo(streams: Streams | undefined): Output {
  if (streams === undefined) throw new Error('the standard error of the start is closed');
  pointStreams(streams.stdout, streams.stderr);
  closeStreams(streams);
  return asItIs;
}

function kept(streams: Streams | undefined, { inBackground, caller }: OutputOptions): Streams | undefined {
  if (streams === undefined) return undefined;
  if (!inBackground) return keepStreams(streams, caller.environment);
  closeStreams(streams);
  return undefined;
}

/** It reads on as long as workers write, and ends then. */
function leaveCommand({ logCommand, streams }: InheritedOutput): void {
  if (logCommand === undefined) return;
  for (const fd of [logCommand.read, logCommand.write]) closeQuietly(fd);
  if (streams === undefined) closeStreams(logCommand);
}
