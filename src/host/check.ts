// --check=COMMAND: the release is looked at in the worker's place - its environment, directory and sockets - before
// anything of it is started. --canary-check=COMMAND: the same for its first worker, once it has served for a while.

import { reason } from '../posix/libc/system-error.ts';
import type { Checking } from '../superdaemon/host.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import type { RunCommand } from '../workers/run-command.ts';
import { type WorkerEnvironment, wholeOf } from '../workers/worker-environment.ts';

export interface Check {
  begin(checked: Checked): Checking;
  /** Ends the one that is running. */
  cancel(): void;
}

export interface Checked {
  readonly generation: number;
  readonly surroundings: WorkerEnvironment;
  /** Of the worker, where there is one. */
  readonly pid?: number;
  /** `refusal`: why it does not do. */
  readonly ended: (refusal: string | undefined) => void;
}

export interface CheckOptions {
  /** What it is to people. */
  readonly name: 'check' | 'canary check';
  readonly run: RunCommand;
  readonly limitMs: number;
  readonly log: (event: LogEvent) => void;
}

export const noCheck: Check = {
  begin: () => ({ kind: 'failed', reason: 'there is no check' }),
  cancel: () => {},
};

export function checkOf({ name, run, limitMs, log }: CheckOptions): Check {
  let running: Disposable | undefined;
  return {
    begin: ({ generation, surroundings, pid, ended }) => {
      const own = pid === undefined ? [] : [['WORKER_PID', String(pid)] as const];
      try {
        running = run({
          environment: new Map([...wholeOf(surroundings), ...own]),
          directory: surroundings.directory,
          limitMs,
          ended: ({ failure, errors }) => {
            const lines = errors.split('\n').filter((line) => line !== '');
            for (const line of lines) log({ event: 'check-said', generation, line });
            ended(failure === undefined ? undefined : refusalText(`${name} ${failure}`, lines.at(-1)));
          },
        });
        return { kind: 'running' };
      } catch (error) {
        return { kind: 'failed', reason: `${name} cannot be run: ${reason(error)}` };
      }
    },
    cancel: () => running?.[Symbol.dispose](),
  };
}

function refusalText(failure: string, lastLine: string | undefined): string {
  return lastLine === undefined ? failure : `${failure}: ${lastLine}`;
}
