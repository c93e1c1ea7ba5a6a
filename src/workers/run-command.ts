// A shell command about the work: a check before a deploy, a probe of a worker. It has a time limit, and its process group
// goes with it. Not by execa: importing it opens the standard streams, which makes them non-blocking for the workers too.

import { openSync } from 'node:fs';
import { after } from '../posix/clock.ts';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { pipeToWatch, readNow } from '../posix/file/pipe.ts';
import { toBytes } from '../posix/libc/bytes.ts';
import { whenReadable } from '../posix/libc/libc-poll.ts';
import type { Environment } from '../posix/process/caller.ts';
import { environmentStrings } from '../posix/process/environment-strings.ts';
import { everySignal, sendSignal } from '../posix/process/signals.ts';
import { type Descriptor, prepareSpawn, type SpawnTemplate } from '../posix/process/spawn.ts';
import { endInWords, endOf } from '../superdaemon/wait-status.ts';

export interface ShellCommand extends Pick<SpawnTemplate, 'privileges'> {
  /** For /bin/sh; or a program, by its path, and its words. */
  readonly command: string | readonly [file: string, ...words: string[]];
  readonly directory: string | undefined;
  /** What it gets besides its standard streams. */
  readonly descriptors: readonly Descriptor[];
  readonly openFilesLimit: number;
  /** Signal numbers; none, when left out. */
  readonly blockedSignals?: readonly number[];
  /** Calls back with the wait status when this child of ours has died. */
  readonly watch: (pid: number, died: (status: number | undefined) => void) => void;
}

export interface Run {
  readonly environment: Environment;
  readonly directory?: string | undefined;
  readonly limitMs: number;
  /** Called once, unless it is disposed of before. */
  readonly ended: (result: Result) => void;
}

export interface Result {
  /** What went wrong, in a few words; undefined: it exited 0. */
  readonly failure: string | undefined;
  /** The end of what it wrote to its standard error. */
  readonly errors: string;
}

/** Returns what ends it at once. Throws SystemError when it cannot be run. */
export type RunCommand = (run: Run) => Disposable;

const LONGEST_ERRORS = 4096;
/** What it left running in the background may write for ever. */
const LAST_BLOCKS = 16;

export function commandRunner(shellCommand: ShellCommand): RunCommand {
  const { command, descriptors, openFilesLimit, watch } = shellCommand;
  const [file, ...words] = typeof command === 'string' ? ['/bin/sh', '-c', command] : command;
  const argv = [file, ...words].map(toBytes);
  return ({ environment, directory = shellCommand.directory, limitMs, ended }) => {
    const errors = collect();
    let nothing: number | undefined;
    try {
      nothing = openSync('/dev/null', 'r+');
      const standard = [nothing, nothing, errors.end].map((from, to) => ({ from, to }));
      const spawn = prepareSpawn({
        directory: directory === undefined ? undefined : toBytes(directory),
        // Standard streams first: the sockets may take their numbers.
        descriptors: [...standard, ...descriptors],
        defaultSignals: everySignal,
        blockedSignals: shellCommand.blockedSignals ?? [],
        openFilesLimit,
        newSession: true,
        privileges: shellCommand.privileges,
      });
      const pid = spawn({ file: toBytes(file), argv, env: environmentStrings(environment) });
      return supervise({ pid, limitMs, watch, errors, ended });
    } catch (error) {
      errors.finish();
      throw error;
    } finally {
      closeQuietly(errors.end);
      if (nothing !== undefined) closeQuietly(nothing);
    }
  };
}

interface Supervised extends Pick<Run, 'limitMs' | 'ended'>, Pick<ShellCommand, 'watch'> {
  readonly pid: number;
  readonly errors: Collected;
}

function supervise({ pid, limitMs, watch, errors, ended }: Supervised): Disposable {
  let alive = true;
  let overdue = false;
  let wanted = true;
  // As long as it has not been reaped, the group is its own.
  const end = () => {
    if (alive) sendSignal(-pid, 'SIGKILL');
  };
  const limit = after(limitMs, () => {
    overdue = true;
    end();
  });
  watch(pid, (status) => {
    alive = false;
    limit[Symbol.dispose]();
    const text = errors.finish();
    const failure = overdue ? `was still running after ${limitMs / 1000} secs` : failureOf(status);
    if (wanted) ended({ failure, errors: text });
  });
  return {
    [Symbol.dispose]: () => {
      wanted = false;
      end();
    },
  };
}

export function failureOf(status: number | undefined): string | undefined {
  if (status === 0) return undefined;
  if (status === undefined) return 'has ended, nobody can tell how';
  const end = endOf(status);
  return 'exitCode' in end ? `exited with status ${end.exitCode}` : endInWords(status);
}

interface Collected {
  /** The writing end. */
  readonly end: number;
  /** Returns what was written until now, and hears no more. */
  finish(): string;
}

function collect(): Collected {
  const ends = pipeToWatch();
  let bytes = Buffer.alloc(0);
  const read = () => {
    const block = readNow(ends.read);
    if (block !== undefined) bytes = Buffer.concat([bytes, block]).subarray(-LONGEST_ERRORS);
    return block;
  };
  const reading = whenReadable(ends.read, () => {
    if (read()?.length === 0) reading[Symbol.dispose]();
  });
  return {
    end: ends.write,
    finish: () => {
      for (let count = 0; count < LAST_BLOCKS && (read()?.length ?? 0) > 0; count += 1);
      reading[Symbol.dispose]();
      closeQuietly(ends.read);
      return bytes.toString('utf8').trim();
    },
  };
}
