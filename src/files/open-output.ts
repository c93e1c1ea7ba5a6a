import { commandOutput, supervisedOutput } from './command-output.ts';
import { fileOutput, intoFile } from './file-output.ts';
import { superviseLogCommand } from './log-command.ts';
import { asItIs, type InheritedOutput, type LogTarget, type Output, type OutputOptions } from './output.ts';
import { savedStreams } from './saved-streams.ts';
import type { LogCommandOptions } from './supervised-command.ts';

/** Throws StartupError. */
export function openOutput(target: LogTarget, options: OutputOptions): Output {
  switch (target.kind) {
    case 'standard-error':
      return asItIs;
    case 'file':
      return fileOutput(target.path, options);
    case 'command':
      return commandOutput(target.command, options);
  }
}

/** Set up by the predecessor: descriptors 1 and 2 are where they belong. Never throws. */
export function inheritOutput(
  target: LogTarget,
  options: LogCommandOptions,
  { logCommand, streams }: InheritedOutput,
): Output {
  if (target.kind === 'file') return intoFile(target.path, streams);
  if (target.kind === 'standard-error' || logCommand === undefined) return asItIs;
  const running = superviseLogCommand(target.command, logCommand, options);
  return supervisedOutput(running, { theirs: savedStreams(logCommand), areOriginal: streams !== undefined });
}
