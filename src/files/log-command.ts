// `--log-file='| command'`: a shell command that reads the log from a pipe. We keep both ends open, so that what is
// written while no command runs waits in the pipe, and nobody who writes ever sees SIGPIPE.
// Not by execa: importing it opens the standard streams, which makes them non-blocking for the workers too.

import { closeQuietly } from '../posix/file/descriptor.ts';
import { pipe } from '../posix/file/pipe.ts';
import { reason } from '../posix/libc/system-error.ts';
import { StartupError } from '../startup-error.ts';
import { refuseMissing, shellSpawner } from './log-program.ts';
import {
  type InheritedLogCommand,
  type LogCommand,
  type LogCommandOptions,
  type Streams,
  SupervisedCommand,
} from './supervised-command.ts';

/** Throws StartupError when it cannot be started. */
export function startLogCommand(command: string, streams: Streams, options: LogCommandOptions): LogCommand {
  refuseMissing(command, options.caller.environment);
  const ends = pipe();
  const launch = shellSpawner(command, { ...streams, stdin: ends.read }, options.caller);
  try {
    return superviseLogCommand(command, { ...streams, ...ends, pid: launch() }, options);
  } catch (error) {
    closeQuietly(ends.write);
    closeQuietly(ends.read);
    throw new StartupError(`--log-file=|${command}: cannot start: ${reason(error)}`, { cause: error });
  }
}

/** Never throws: one that does not run, and cannot be started, is tried again and again. */
export function superviseLogCommand(
  command: string,
  inherited: InheritedLogCommand,
  options: LogCommandOptions,
): LogCommand {
  const { read, write, pid, ...streams } = inherited;
  const launch = shellSpawner(command, { ...streams, stdin: read }, options.caller);
  return new SupervisedCommand(inherited, launch, options);
}
