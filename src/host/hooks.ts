// --on-event: commands that hear of what happens. They run one at a time, in the order of the events, each with a limit;
// nobody waits for them, and of what would wait too long for them they are not told.

import { type Hook, hears } from '../command-line/hook.ts';
import type { HooksReport } from '../control/protocol.ts';
import { now } from '../posix/clock.ts';
import { reason } from '../posix/libc/system-error.ts';
import type { Environment } from '../posix/process/caller.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { hookVariables } from './hook-variables.ts';
import type { RunHook, RunningHook } from './run-hook.ts';

export interface Hooks {
  onEvent(event: LogEvent): void;
  report(): HooksReport;
  /** At the end: what still waits is dropped, and said. */
  finish(): void;
  /** What the successor goes on with. */
  forSuccessor(): InheritedHooks;
}

export interface WaitingHook {
  readonly command: string;
  readonly variables: Environment;
}

export interface InheritedHooks {
  readonly running: RunningHook | undefined;
  readonly waiting: readonly WaitingHook[];
  readonly dropped: number;
}

export interface HooksWorld {
  readonly hooks: readonly Hook[];
  readonly run: RunHook;
  readonly log: (event: LogEvent) => void;
  readonly inherited: InheritedHooks | undefined;
}

const LONGEST_QUEUE = 1000;
const LIMIT_MS = 10_000;

export function hooksOf({ hooks, run, log, inherited }: HooksWorld): Hooks {
  const waiting: WaitingHook[] = [...(inherited?.waiting ?? [])];
  let running = inherited?.running;
  let dropped = inherited?.dropped ?? 0;
  let unsaid = 0;
  const sayDropped = () => {
    if (unsaid > 0) log({ event: 'hooks-dropped', count: unsaid });
    unsaid = 0;
  };
  const failed = ({ command, trigger }: Pick<RunningHook, 'command' | 'trigger'>, why: string) =>
    log({ event: 'hook-failed', trigger, command, reason: why });
  const supervise = (hook: RunningHook) =>
    run.supervise(hook, (failure) => {
      running = undefined;
      if (failure !== undefined) failed(hook, failure);
      sayDropped();
      next();
    });
  const next = () => {
    const hook = running === undefined ? waiting.shift() : undefined;
    if (hook === undefined) return;
    const { command, variables } = hook;
    const trigger = variables.get('EVENT') ?? '';
    try {
      running = { pid: run.spawn(command, variables), until: now() + LIMIT_MS, command, trigger };
    } catch (error) {
      failed({ command, trigger }, `cannot be run: ${reason(error)}`);
      setImmediate(next);
      return;
    }
    supervise(running);
  };
  if (running !== undefined) supervise(running);
  return {
    onEvent: (event) => {
      for (const hook of hooks) {
        if (!hears(hook, event)) continue;
        if (waiting.length < LONGEST_QUEUE) {
          waiting.push({ command: hook.command, variables: hookVariables(event) });
          continue;
        }
        dropped += 1;
        unsaid += 1;
      }
      // What else waits for its turn of the loop comes before it.
      if (running === undefined && waiting.length > 0) setImmediate(next);
    },
    report: () => ({ waiting: waiting.length, dropped }),
    finish: () => {
      next();
      unsaid += waiting.length;
      waiting.length = 0;
      sayDropped();
    },
    forSuccessor: () => ({ running, waiting, dropped }),
  };
}
