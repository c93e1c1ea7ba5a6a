// The log of a command line that has taken the place of another one.

import { isDeepStrictEqual } from 'node:util';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { reason } from '../posix/libc/system-error.ts';
import { startLogCommand } from './log-command.ts';
import { openLogFile } from './open-log-file.ts';
import {
  asItIs,
  inheritOutput,
  type LogTarget,
  noStreams,
  type Output,
  pointAt,
  reopener,
  supervisedOutput,
} from './output.ts';
import { type SavedStreams, savedStreams, saveStreams } from './saved-streams.ts';
import type { InheritedLogCommand, LogCommandOptions } from './supervised-command.ts';

/**
 * As inheritOutput, where the predecessor may have had another target. What cannot be opened now, although it could be when it was tried, is
 * no reason to stop serving: our lines go on where they went. Workers that live keep what they have.
 */
export function changeOutput(
  { before, now }: { readonly before: LogTarget; readonly now: LogTarget },
  options: LogCommandOptions,
  logCommand: InheritedLogCommand | undefined,
): Output {
  if (isDeepStrictEqual(before, now)) return inheritOutput(now, options, logCommand);
  try {
    const theirs = logCommand === undefined ? originalStreams(before) : savedStreams(logCommand);
    if (now.kind === 'file') pointAt(openLogFile(now.path));
    const output = newOutput(now, theirs, options);
    output.redirect();
    // Its command reads on as long as workers write, and ends then.
    if (before.kind === 'command' && logCommand !== undefined)
      for (const fd of [logCommand.read, logCommand.write]) closeQuietly(fd);
    return output;
  } catch (error) {
    options.warn(`the log stays where it was: ${reason(error)}`);
    return inheritOutput(before, options, logCommand);
  }
}

/** Of those that a log has taken the place of nothing is left. */
function originalStreams(before: LogTarget): SavedStreams {
  return before.kind === 'standard-error' ? saveStreams() : noStreams();
}

function newOutput(target: LogTarget, theirs: SavedStreams, options: LogCommandOptions): Output {
  if (target.kind === 'command')
    return supervisedOutput(startLogCommand(target.command, theirs, options), theirs);
  theirs[Symbol.dispose]();
  return target.kind === 'file' ? { ...asItIs, reopen: reopener(target.path) } : asItIs;
}
