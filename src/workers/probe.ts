// --ready=exec:COMMAND: the command is run again and again, until it exits 0.

import { now } from '../posix/clock.ts';
import { reason } from '../posix/libc/system-error.ts';
import { noWatch, type WatchWorker } from './readiness.ts';
import type { Result, RunCommand } from './run-command.ts';
import { wholeOf } from './worker-environment.ts';

const SPACING_MS = 100;
/** A single run may take this long. */
const RUN_LIMIT_MS = 10_000;
/** The last run ends that much before the worker's time is up, so that its reason can still be told. */
const TELLING_MS = 200;

export interface ProbeOptions {
  readonly run: RunCommand;
  /** The worker's whole time to become ready. */
  readonly limitMs: number;
  readonly warn: (message: string) => void;
}

export function probeWatch({ run, limitMs, warn }: ProbeOptions): WatchWorker {
  const open: WatchWorker['open'] = (_generation, callbacks) => {
    let running: Disposable | undefined;
    let next: NodeJS.Timeout | undefined;
    const stop = () => {
      clearTimeout(next);
      running?.[Symbol.dispose]();
    };
    return {
      variables: new Map(),
      begin: (pid, ofWorker) => {
        const environment = wholeOf(ofWorker).set('WORKER_PID', String(pid));
        const endsAt = now() + limitMs - Math.min(TELLING_MS, limitMs / 10);
        const leftMs = () => endsAt - now();
        const ended = ({ failure, errors }: Result) => {
          if (failure === undefined) return callbacks.ready();
          if (leftMs() > SPACING_MS) next = setTimeout(probe, SPACING_MS);
          else warn(`readiness command ${failure}${errors && `: ${errors}`}`);
        };
        const probe = () => {
          try {
            running = run({ environment, limitMs: Math.min(leftMs(), RUN_LIMIT_MS), ended });
          } catch (error) {
            ended({ failure: `cannot be run: ${reason(error)}`, errors: '' });
          }
        };
        probe();
      },
      look: () => {},
      // A worker that is still being probed is late, and has been told to go.
      forSuccessor: () => void stop(),
      [Symbol.dispose]: stop,
    };
  };
  return { ...noWatch, open };
}
