// --check=COMMAND: the release is looked at in the worker's place - its environment, directory and sockets - before
// anything of it is started.

import { reason } from '../posix/libc/system-error.ts';
import type { Checking, Event } from '../superdaemon/host.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import type { RunCommand } from '../workers/run-command.ts';
import { type WorkerEnvironment, wholeOf } from '../workers/worker-environment.ts';

export interface Check {
  begin(generation: number, ofWorker: WorkerEnvironment): Checking;
  /** Ends the one that is running. */
  cancel(): void;
}

export interface CheckOptions {
  readonly run: RunCommand;
  readonly limitMs: number;
  readonly push: (event: Event) => void;
  readonly log: (event: LogEvent) => void;
}

export const noCheck: Check = {
  begin: () => ({ kind: 'failed', reason: 'there is no check' }),
  cancel: () => {},
};

export function checkOf({ run, limitMs, push, log }: CheckOptions): Check {
  let running: Disposable | undefined;
  return {
    begin: (generation, ofWorker) => {
      try {
        running = run({
          environment: wholeOf(ofWorker),
          directory: ofWorker.directory,
          limitMs,
          ended: ({ failure, errors }) => {
            const lines = errors.split('\n').filter((line) => line !== '');
            for (const line of lines) log({ event: 'check-said', generation, line });
            push({ kind: 'checked', generation, refusal: refusalText(failure, lines.at(-1)) });
          },
        });
        return { kind: 'running' };
      } catch (error) {
        return { kind: 'failed', reason: `check cannot be run: ${reason(error)}` };
      }
    },
    cancel: () => running?.[Symbol.dispose](),
  };
}

function refusalText(failure: string | undefined, lastLine: string | undefined): string | undefined {
  if (failure === undefined) return undefined;
  return lastLine === undefined ? `check ${failure}` : `check ${failure}: ${lastLine}`;
}
