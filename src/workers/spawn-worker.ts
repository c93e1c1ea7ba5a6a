// One worker of a generation: the command with the sockets at their numbers, in the state of signals and limits that
// the caller gave us.

import { toBytes } from '../posix/libc/bytes.ts';
import { errorCode, reason } from '../posix/libc/system-error.ts';
import type { Caller } from '../posix/process/caller.ts';
import { findProgram } from '../posix/process/find-program.ts';
import type { Privileges } from '../posix/process/privileges.ts';
import { everySignal, type SignalName, signalNumber } from '../posix/process/signals.ts';
import {
  type Descriptor,
  type Program,
  prepareSpawn,
  type Queue,
  type Spawn,
  type SpawnTemplate,
} from '../posix/process/spawn.ts';
import { StartupError } from '../startup-error.ts';
import type { Spawned } from '../superdaemon/host.ts';
import { noteListenPid } from './listen-fds.ts';
import { directoryTrouble, refusal } from './refusal.ts';
import { generationStrings, type WorkerEnvironment } from './worker-environment.ts';

export interface WorkerCommand {
  readonly words: readonly [program: string, ...args: string[]];
  /** Where workers run as a rule; undefined: where we do. */
  readonly directory: string | undefined;
  readonly descriptors: readonly Descriptor[];
  /** Those of its sockets: an earlier worker may have made them shorter. */
  readonly queues: readonly Queue[];
  /** The worker is to find its pid in LISTEN_PID. */
  readonly noteListenPid: boolean;
  readonly caller: Caller;
  /** Those that the superdaemon will send: a worker that blocks or ignores them from birth could never be told to go. */
  readonly sentSignals: readonly SignalName[];
  /** undefined: ours. */
  readonly privileges: Privileges | undefined;
}

export type SpawnWorker = (environment: WorkerEnvironment) => Spawned;

export function workerSpawner(command: WorkerCommand): SpawnWorker {
  const { words, privileges } = command;
  const argv = words.map(toBytes);
  const spawnIn = spawnerByDirectory(command);
  const stringsOf = generationStrings(command.caller);
  const find = ({ lasting, directory }: WorkerEnvironment) =>
    findProgram(words[0], { path: lasting.get('PATH'), directory });
  // Where a path is executed as it is, the system finds out by itself whether it can be.
  const isPlain = words[0].includes('/') && !command.noteListenPid;
  const plain = toBytes(words[0]);
  return (environment) => {
    const { directory } = environment;
    const found = isPlain ? undefined : find(environment);
    if (found?.kind === 'missing') return { kind: 'failed', reason: explain(directory, found.reason) };
    try {
      const program = { file: found === undefined ? plain : toBytes(found.file), argv };
      const { file, argv: executed } = command.noteListenPid
        ? noteListenPid(program, environment.lasting)
        : program;
      return {
        kind: 'spawned',
        pid: spawnLikeExecvp(spawnIn(directory), { file, argv: executed, env: stringsOf(environment) }),
      };
    } catch (error) {
      const missing = find(environment);
      const why =
        missing.kind === 'missing'
          ? missing.reason
          : refusal(error, { program: words[0], directory, privileges });
      return { kind: 'failed', reason: explain(directory, why) };
    }
  };
}

/** What is laid out for the last directory is kept: frozen deploys follow each other. */
function spawnerByDirectory(command: WorkerCommand): (directory: string | undefined) => Spawn {
  let last = { directory: command.directory, spawn: prepare(command) };
  return (directory) => {
    if (directory !== last.directory) last = { directory, spawn: prepare({ ...command, directory }) };
    return last.spawn;
  };
}

/** Throws StartupError where the C library does not know of working directories. */
function prepare(command: WorkerCommand): Spawn {
  const { directory } = command;
  try {
    return prepareSpawn({
      directory: directory === undefined ? undefined : toBytes(directory),
      descriptors: withStandardStreams(command.descriptors),
      queues: command.queues,
      ...signalState(command),
      openFilesLimit: command.caller.openFilesLimit,
      privileges: command.privileges,
    });
  } catch (error) {
    if (errorCode(error) !== 'ENOSYS') throw error;
    throw new StartupError(`--dir=${directory}: ${reason(error)}`, { cause: error });
  }
}

/** posix_spawn does not tell a missing program from a missing directory. */
function explain(directory: string | undefined, otherwise: string): string {
  return directoryTrouble(directory) ?? otherwise;
}

/** The reference handles these whatever its caller does, and so its workers get them at their defaults. */
const HANDLED = ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGALRM', 'SIGCHLD'] as const;

/** A script without a first line naming its interpreter is the shell's, as execvp(3) has it. */
function spawnLikeExecvp(spawn: Spawn, program: Program): number {
  try {
    return spawn(program);
  } catch (error) {
    if (errorCode(error) !== 'ENOEXEC') throw error;
    const shell = toBytes('/bin/sh');
    return spawn({ ...program, file: shell, argv: [shell, program.file, ...program.argv.slice(1)] });
  }
}

function withStandardStreams(descriptors: readonly Descriptor[]): readonly Descriptor[] {
  // Copying a descriptor onto itself clears close-on-exec, which Node sets on those that it finds at its start.
  const standard = [0, 1, 2].map((fd) => ({ from: fd, to: fd }));
  return [...standard, ...descriptors];
}

/** As the caller had it, with SIGPIPE ignored in any case: the reference leaves it so, and workers rely on it. */
function signalState({
  caller,
  sentSignals,
}: WorkerCommand): Pick<SpawnTemplate, 'defaultSignals' | 'blockedSignals'> {
  const sent = new Set(sentSignals.map(signalNumber));
  const handled = new Set(HANDLED.map(signalNumber));
  const ignored = new Set(
    caller.ignoredSignals.filter((signal) => !sent.has(signal) && !handled.has(signal)),
  );
  ignored.add(signalNumber('SIGPIPE'));
  return {
    defaultSignals: everySignal.filter((signal) => !ignored.has(signal)),
    blockedSignals: caller.blockedSignals.filter((signal) => !sent.has(signal)),
  };
}
