// `--log-file='| command'`: a shell command that reads the log from a pipe. We keep both ends open, so that what is
// written while no command runs waits in the pipe, and nobody who writes ever sees SIGPIPE.
// Not by execa: importing it opens the standard streams, which makes them non-blocking for the workers too.

import { now } from '../posix/clock.ts';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { pipe } from '../posix/file/pipe.ts';
import { reason } from '../posix/libc/system-error.ts';
import type { Caller } from '../posix/process/caller.ts';
import { StartupError } from '../startup-error.ts';
import { endInWords } from '../superdaemon/wait-status.ts';
import { dropOverflow } from './drop-overflow.ts';
import { refuseMissing, shellSpawner } from './log-program.ts';
import { followReader } from './log-reader.ts';

export interface LogCommandOptions {
  readonly caller: Pick<Caller, 'environment' | 'openFilesLimit'>;
  /** Calls back with the wait status when this child of ours has died. */
  readonly watch: (pid: number, died: (status: number | undefined) => void) => void;
  readonly warn: (message: string) => void;
}

export interface LogCommand extends Disposable {
  /** The writing end. */
  readonly fd: number;
  forSuccessor(): InheritedLogCommand;
}

/** What the successor is told; all but the pid are open descriptors. */
export interface InheritedLogCommand extends Streams {
  readonly read: number;
  readonly write: number;
  /** undefined: it has died, and is to be started again. */
  readonly pid: number | undefined;
}

export interface Streams {
  readonly stdout: number;
  readonly stderr: number;
}

/** A command that dies is started again, not more often than this. */
const RESTART_SPACING_MS = 1000;
/** What has ended within that time so often in a row does not read. */
const SHORT_LIVES = 2;
/** How long a command that lives may leave the pipe full: until then whoever writes waits, and nothing is lost. */
const PATIENCE_MS = 5000;

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
  { read, write, pid, ...streams }: InheritedLogCommand,
  { caller, watch, warn }: LogCommandOptions,
): LogCommand {
  const launch = shellSpawner(command, { ...streams, stdin: read }, caller);
  let running: { readonly pid: number; readonly startedAt: number } | undefined;
  let restart: Disposable | undefined;
  let wanted = true;
  let shortLives = 0;

  const supervise = (pid: number, startedAt: number) => {
    running = { pid, startedAt };
    watch(pid, (status) => {
      running = undefined;
      const early = youngFor(startedAt);
      shortLives = early > 0 ? shortLives + 1 : 0;
      if (!wanted) return;
      warn(`log command ${pid} ${endInWords(status)}${inWords(status)}, starting it again`);
      restart = startAfter(Math.max(0, early));
    });
  };
  const startAgain = () => {
    // It may have put itself into the background: one more each second would be too many.
    restart = followReader(read, { warn: (message) => wanted && warn(message), ended: startAgain });
    if (restart !== undefined) {
      shortLives = 0;
      return;
    }
    const startedAt = now();
    try {
      supervise(launch(), startedAt);
    } catch (error) {
      warn(`cannot start the log command: ${reason(error)}`);
      restart = startAfter(RESTART_SPACING_MS);
    }
  };
  const startAfter = (ms: number): Disposable => {
    const timer = setTimeout(startAgain, ms);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  };

  if (pid === undefined) startAgain();
  else supervise(pid, now());
  const patienceMs = () =>
    shortLives >= SHORT_LIVES && youngFor(running?.startedAt ?? now()) > 0 ? 0 : PATIENCE_MS;
  const overflow = dropOverflow({ read, write }, { patienceMs, warn });
  return {
    fd: write,
    forSuccessor: () => ({ read, write, ...streams, pid: running?.pid }),
    [Symbol.dispose]: () => {
      wanted = false;
      overflow[Symbol.dispose]();
      restart?.[Symbol.dispose]();
      // Died and not started again yet: somebody has to read what waits in the pipe.
      if (restart !== undefined) startAgain();
      closeQuietly(write);
      closeQuietly(read);
    },
  };
}

/** How long until it has lived long enough to be a command that works. */
function youngFor(startedAt: number): number {
  return startedAt + RESTART_SPACING_MS - now();
}

/** The shell's own statuses. */
function inWords(status: number | undefined): string {
  if (status === 127 << 8) return ' (a program was not found)';
  return status === 126 << 8 ? ' (a program could not be executed)' : '';
}
