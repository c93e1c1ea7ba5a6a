// `--log-file='| command'`: a shell command that reads the log from a pipe. We keep both ends open, so that what is
// written while no command runs waits in the pipe, and nobody who writes ever sees SIGPIPE.
// Not by execa: importing it opens the standard streams, which makes them non-blocking for the workers too.

import { toBytes } from '../posix/bytes.ts';
import type { Caller } from '../posix/caller.ts';
import { now } from '../posix/clock.ts';
import { closeQuietly } from '../posix/descriptor.ts';
import { pipe } from '../posix/pipe.ts';
import { everySignal } from '../posix/signals.ts';
import { prepareSpawn } from '../posix/spawn.ts';
import { reason } from '../posix/system-error.ts';
import { StartupError } from '../startup-error.ts';
import { environmentStrings } from '../workers/worker-environment.ts';

export interface LogCommandOptions {
  readonly caller: Pick<Caller, 'environment' | 'openFilesLimit'>;
  /** Calls back with the wait status when this child of ours has died. */
  readonly watch: (pid: number, died: (status: number | undefined) => void) => void;
  readonly warn: (message: string) => void;
}

export interface LogCommand extends Disposable {
  /** The writing end. */
  readonly fd: number;
  handOver(): InheritedLogCommand;
}

/** What a program that takes over is told; all but the pid are open descriptors. */
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

/** Throws StartupError when it cannot be started. */
export function startLogCommand(command: string, streams: Streams, options: LogCommandOptions): LogCommand {
  const ends = pipe();
  try {
    return superviseLogCommand(command, { ...streams, ...ends, pid: undefined }, options);
  } catch (error) {
    closeQuietly(ends.write);
    closeQuietly(ends.read);
    throw new StartupError(`--log-file=|${command}: cannot start: ${reason(error)}`, { cause: error });
  }
}

/** Throws SystemError when it does not run and cannot be started. */
export function superviseLogCommand(
  command: string,
  { read, write, pid, ...streams }: InheritedLogCommand,
  options: LogCommandOptions,
): LogCommand {
  const launch = shellSpawner(command, { stdin: read, ...streams }, options.caller);
  let running: number | undefined;
  let restart: NodeJS.Timeout | undefined;
  let wanted = true;

  const supervise = (pid: number, startedAt: number) => {
    running = pid;
    options.watch(pid, (status) => {
      running = undefined;
      if (!wanted) return;
      options.warn(`log command ${pid} died, status:${status ?? 'unknown'}, starting it again`);
      restart = setTimeout(startAgain, Math.max(0, startedAt + RESTART_SPACING_MS - now()));
    });
  };
  const startAgain = () => {
    const startedAt = now();
    try {
      restart = undefined;
      supervise(launch(), startedAt);
    } catch (error) {
      options.warn(`cannot start the log command: ${reason(error)}`);
      restart = setTimeout(startAgain, RESTART_SPACING_MS);
    }
  };

  supervise(pid ?? launch(), now());
  return {
    fd: write,
    handOver: () => ({ read, write, ...streams, pid: running }),
    [Symbol.dispose]: () => {
      wanted = false;
      clearTimeout(restart);
      // Died and not started again yet: somebody has to read what waits in the pipe.
      if (restart !== undefined) startAgain();
      closeQuietly(write);
      closeQuietly(read);
    },
  };
}

function shellSpawner(
  command: string,
  streams: Streams & { stdin: number },
  { environment, openFilesLimit }: LogCommandOptions['caller'],
): () => number {
  const spawn = prepareSpawn({
    descriptors: [
      { from: streams.stdin, to: 0 },
      { from: streams.stdout, to: 1 },
      { from: streams.stderr, to: 2 },
    ],
    defaultSignals: everySignal,
    blockedSignals: [],
    openFilesLimit,
  });
  const argv = ['sh', '-c', command].map(toBytes);
  return () => spawn({ file: toBytes('/bin/sh'), argv, env: environmentStrings(environment) });
}
