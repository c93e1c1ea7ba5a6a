// A command of a hook: a shell in a session of its own, without our sockets. What it says goes where the workers' output
// goes, so that it can run on under a program that takes over.

import { openSync } from 'node:fs';
import { after, now } from '../posix/clock.ts';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { toBytes } from '../posix/libc/bytes.ts';
import type { Caller, Environment } from '../posix/process/caller.ts';
import { environmentStrings } from '../posix/process/environment-strings.ts';
import type { Privileges } from '../posix/process/privileges.ts';
import { everySignal, sendSignal } from '../posix/process/signals.ts';
import { prepareSpawn } from '../posix/process/spawn.ts';
import { failureOf } from '../workers/run-command.ts';
import type { EventQueue } from './event-queue.ts';

export interface RunningHook {
  readonly pid: number;
  /** On the monotonic clock: then its process group gets KILL. */
  readonly until: number;
  readonly command: string;
  /** The name of the event that it has heard of. */
  readonly trigger: string;
}

export interface RunHook {
  /** Returns the pid. Throws SystemError. */
  spawn(command: string, variables: Environment): number;
  /** Calls back once it has ended, with what went wrong, if anything did. */
  supervise(hook: RunningHook, ended: (failure: string | undefined) => void): void;
}

export interface RunHookOptions {
  readonly directory: string | undefined;
  /** What each gets beside its variables. */
  readonly environment: () => Environment;
  readonly caller: Pick<Caller, 'openFilesLimit'>;
  readonly watch: EventQueue['watch'];
  /** undefined: ours. */
  readonly privileges: Privileges | undefined;
}

export function runHook({ directory, environment, caller, watch, privileges }: RunHookOptions): RunHook {
  const spawn = (command: string, variables: Environment): number => {
    const nothing = openSync('/dev/null', 'r');
    try {
      const start = prepareSpawn({
        directory: directory === undefined ? undefined : toBytes(directory),
        descriptors: [
          { from: nothing, to: 0 },
          { from: 1, to: 1 },
          { from: 2, to: 2 },
        ],
        defaultSignals: everySignal,
        blockedSignals: [],
        openFilesLimit: caller.openFilesLimit,
        newSession: true,
        privileges,
      });
      const argv = ['/bin/sh', '-c', command].map(toBytes);
      const env = environmentStrings(new Map([...environment(), ...variables]));
      return start({ file: toBytes('/bin/sh'), argv, env });
    } finally {
      closeQuietly(nothing);
    }
  };
  const supervise: RunHook['supervise'] = ({ pid, until }, ended) => {
    let overdue = false;
    // As long as it has not been reaped, the group is its own.
    const limit = after(Math.max(0, until - now()), () => {
      overdue = true;
      sendSignal(-pid, 'SIGKILL');
    });
    watch(pid, (status) => {
      limit[Symbol.dispose]();
      ended(overdue ? 'has taken too long, and was killed' : failureOf(status));
    });
  };
  return { spawn, supervise };
}
