// --on-event: commands that hear of what happens. They run one at a time, in the order of the events, each with a limit;
// nobody waits for them, and of what would wait too long for them they are not told.

import { type Hook, hears } from '../command-line/hook.ts';
import type { HooksReport } from '../control/reports.ts';
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
  const queue = hookQueue(inherited);
  let running = inherited?.running;
  const sayDropped = () => {
    const count = queue.newlyDropped();
    if (count > 0) log({ event: 'hooks-dropped', count });
  };
  const supervise = (hook: RunningHook) =>
    run.supervise(hook, (failure) => {
      running = undefined;
      const { trigger, command } = hook;
      if (failure !== undefined) log({ event: 'hook-failed', trigger, command, reason: failure });
      sayDropped();
      next();
    });
  const next = () => {
    const hook = running === undefined ? queue.take() : undefined;
    if (hook === undefined) return;
    const { command, variables } = hook;
    const trigger = variables.get('EVENT') ?? '';
    try {
      running = { pid: run.spawn(command, variables), until: now() + LIMIT_MS, command, trigger };
      supervise(running);
    } catch (error) {
      log({ event: 'hook-failed', trigger, command, reason: `cannot be run: ${reason(error)}` });
      setImmediate(next);
    }
  };
  if (running !== undefined) supervise(running);
  return {
    onEvent: (event) => {
      for (const hook of hooks) if (hears(hook, event)) queue.add(hook.command, event);
      // What else waits for its turn of the loop comes before it.
      if (running === undefined && queue.report().waiting > 0) setImmediate(next);
    },
    report: queue.report,
    finish: () => {
      next();
      queue.dropAll();
      sayDropped();
    },
    forSuccessor: () => ({ running, ...queue.forSuccessor() }),
  };
}

function hookQueue(inherited: InheritedHooks | undefined) {
  const waiting: WaitingHook[] = [...(inherited?.waiting ?? [])];
  let dropped = inherited?.dropped ?? 0;
  let said = dropped;
  return {
    add: (command: string, event: LogEvent) => {
      if (waiting.length < LONGEST_QUEUE) waiting.push({ command, variables: hookVariables(event) });
      else dropped += 1;
    },
    take: () => waiting.shift(),
    dropAll: () => {
      dropped += waiting.length;
      waiting.length = 0;
    },
    /** How many were dropped since it was asked last. */
    newlyDropped: () => {
      const count = dropped - said;
      said = dropped;
      return count;
    },
    report: () => ({ waiting: waiting.length, dropped }),
    forSuccessor: () => ({ waiting, dropped }),
  };
}
