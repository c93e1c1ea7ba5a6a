// `--log-file='| command'`: a shell command that reads the log from a pipe. We keep both ends open, so that what is
// written while no command runs waits in the pipe, and nobody who writes ever sees SIGPIPE.
// Not by execa: importing it opens the standard streams, which makes them non-blocking for the workers too.

import { toBytes } from '../posix/bytes.ts';
import type { Caller } from '../posix/caller.ts';
import { closeQuietly } from '../posix/descriptor.ts';
import { pipe } from '../posix/pipe.ts';
import { everySignal } from '../posix/signals.ts';
import { prepareSpawn } from '../posix/spawn.ts';
import { reason } from '../posix/system-error.ts';
import { StartupError } from '../startup-error.ts';
import { environmentBytes } from '../workers/worker-environment.ts';

export interface LogCommandOptions {
  readonly caller: Pick<Caller, 'environment' | 'openFilesLimit'>;
  /** Calls back with the wait status when this child of ours has died. */
  readonly watch: (pid: number, died: (status: number) => void) => void;
  readonly warn: (message: string) => void;
}

export interface LogCommand extends Disposable {
  /** The writing end. */
  readonly fd: number;
}

export interface Streams {
  readonly stdout: number;
  readonly stderr: number;
}

/** A command that dies is started again, not more often than this. */
const RESTART_SPACING_MS = 1000;

export function startLogCommand(command: string, streams: Streams, options: LogCommandOptions): LogCommand {
  const ends = pipe();
  const closeEnds = () => {
    closeQuietly(ends.write);
    closeQuietly(ends.read);
  };
  const launch = shellSpawner(command, { stdin: ends.read, ...streams }, options.caller);
  let restart: NodeJS.Timeout | undefined;
  let wanted = true;

  const supervise = (pid: number, startedAt: number) => {
    options.watch(pid, (status) => {
      if (!wanted) return;
      options.warn(`log command ${pid} died, status:${status}, starting it again`);
      restart = setTimeout(startAgain, Math.max(0, startedAt + RESTART_SPACING_MS - performance.now()));
    });
  };
  const startAgain = () => {
    const now = performance.now();
    try {
      restart = undefined;
      supervise(launch(), now);
    } catch (error) {
      options.warn(`cannot start the log command: ${reason(error)}`);
      restart = setTimeout(startAgain, RESTART_SPACING_MS);
    }
  };

  try {
    supervise(launch(), performance.now());
  } catch (error) {
    closeEnds();
    throw new StartupError(`--log-file=|${command}: cannot start: ${reason(error)}`, { cause: error });
  }
  return {
    fd: ends.write,
    [Symbol.dispose]: () => {
      wanted = false;
      clearTimeout(restart);
      // Died and not started again yet: somebody has to read what waits in the pipe.
      if (restart !== undefined) startAgain();
      closeEnds();
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
  return () => spawn({ file: toBytes('/bin/sh'), argv, env: environmentBytes(environment) });
}
