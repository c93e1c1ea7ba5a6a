// What every later step of a start needs: the log and its subscribers, and the queue of events.

import type { StartOptions } from '../command-line/start-options.ts';
import { type EnvironmentSource, environmentSource } from '../host/environment-source.ts';
import { type EventLog, openEventLog } from '../host/event-log.ts';
import { type EventQueue, eventQueue } from '../host/event-queue.ts';
import { type Hooks, hooksOf } from '../host/hooks.ts';
import { requireServiceManager } from '../host/require-service-manager.ts';
import { runHook } from '../host/run-hook.ts';
import { SCALING } from '../host/signal-listeners.ts';
import { whenTerminalGoes } from '../host/terminal.ts';
import type { Caller, Environment } from '../posix/process/caller.ts';
import { type ActivatedSocket, takeActivation } from '../sockets/activation.ts';
import { isStored } from '../sockets/stored-sockets.ts';
import { internalError } from '../superdaemon/log-event.ts';
import { optionsBefore } from '../upgrade/options-of.ts';
import type { PredecessorState } from '../upgrade/upgrade-state.ts';

/** What a superdaemon starts from. */
export interface Given {
  readonly options: StartOptions;
  readonly callerAsItIs: Caller;
  /** What the predecessor held, in this very process. */
  readonly inherited: PredecessorState | undefined;
}

export interface Prepared extends Given, EventLog {
  /** Without what was meant for the superdaemon alone. */
  readonly caller: Caller;
  /** Those that the caller bound. */
  readonly activated: readonly ActivatedSocket[];
  /** Those that the service manager has kept for us. */
  readonly stored: readonly ActivatedSocket[];
  readonly events: EventQueue;
  readonly environment: EnvironmentSource;
  /** undefined: none is asked for. */
  readonly hooks: Hooks | undefined;
  readonly warn: (message: string) => void;
  /** What USR1 does from now on. */
  readonly onUsr1: (reopen: () => void) => void;
}

export async function prepare(given: Given): Promise<Prepared> {
  const { options, callerAsItIs, inherited } = given;
  if (inherited === undefined) requireServiceManager(options, callerAsItIs.environment);
  const { caller, sockets } = takeActivation(callerAsItIs, inherited !== undefined);
  const stored = sockets.filter(isStored);
  const activated = sockets.filter((each) => !isStored(each));
  const eventLog = await openEventLog(options, inherited?.log);
  const { log, subscribe } = eventLog;
  const warn = (message: string) => log.write({ event: 'warning', message });
  const report = (error: unknown) => log.write(internalError(error));
  process.on('warning', ({ name, message }) => warn(`${name}: ${message}`));
  // A fault in a callback must not end the process either: the workers would be orphans.
  process.on('uncaughtException', report);
  let reopen = () => {};
  const events = eventQueue({
    ignoredByCaller: caller.ignoredSignals,
    takesInOrphans: options.killTree,
    alsoTaken: options.workers === undefined ? [] : SCALING,
    reopenLog: () => reopen(),
    report,
    inherited: inherited?.events,
  });
  const environment = environmentSource(options, caller, lastEnvdir(given));
  // In the same turn as the queue: nobody else is to reap the one that runs.
  const hooks = openHooks({ given, caller, events, environment, log });
  if (hooks !== undefined) subscribe(hooks.onEvent);
  subscribe(whenTerminalGoes(() => warn('the terminal is gone, going on')));
  const onUsr1: Prepared['onUsr1'] = (act) => {
    reopen = act;
  };
  return { ...given, ...eventLog, caller, activated, stored, events, environment, hooks, warn, onUsr1 };
}

/** What it held last, if it still is the same. */
function lastEnvdir({ options, inherited }: Given): Environment | undefined {
  const before = inherited && optionsBefore(inherited);
  return before === undefined || before.envdir === options.envdir ? inherited?.envdir : undefined;
}

type HookWorld = Pick<Prepared, 'caller' | 'events' | 'environment' | 'log'> & { readonly given: Given };

function openHooks({ given, caller, events, environment, log }: HookWorld): Hooks | undefined {
  const { options, inherited } = given;
  if (options.hooks.length === 0) return undefined;
  const { directory, exported, hooks, privileges } = options;
  const variables = () => new Map([...caller.environment, ...exported, ...environment.last()]);
  const run = runHook({ directory, environment: variables, caller, watch: events.watch, privileges });
  return hooksOf({ hooks, run, log: log.write, inherited: inherited?.hooks });
}
