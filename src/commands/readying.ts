// What the options --ready and --check ask for, wired to the event queue.

import type { StartOptions } from '../invocation.ts';
import type { Caller } from '../posix/caller.ts';
import type { Descriptor } from '../posix/spawn.ts';
import type { Listener } from '../sockets/listener.ts';
import type { EventQueue } from '../workers/event-queue.ts';
import { notifyWatch } from '../workers/notify.ts';
import { makeNotifyDirectory, notifyDirectory } from '../workers/notify-directory.ts';
import { type NotifySlot, notifySlot } from '../workers/notify-pipe.ts';
import { probeWatch } from '../workers/probe.ts';
import { noWatch, type WatchWorker } from '../workers/readiness.ts';
import { commandRunner, type RunCommand } from '../workers/run-command.ts';
import { type Check, checkOf, noCheck } from './check.ts';
import type { Log } from './telling.ts';

export interface ReadyingOptions {
  readonly options: StartOptions;
  readonly caller: Caller;
  readonly listeners: readonly Listener[];
  readonly events: EventQueue;
  readonly log: Log;
  readonly inherited: InheritedReadying | undefined;
}

export interface InheritedReadying {
  readonly slot: NotifySlot;
  readonly directory: string;
}

export interface Readying extends Disposable {
  readonly watchWorker: WatchWorker;
  readonly check: Check;
  /** What workers get besides the listeners. */
  readonly descriptors: readonly Descriptor[];
  /** For a program that takes over. */
  handOver(): InheritedReadying | undefined;
}

export function readying(world: ReadyingOptions): Readying {
  return { check: checking(world), ...watching(world) };
}

function checking(world: ReadyingOptions): Check {
  const { options, listeners, events, log } = world;
  if (options.check === undefined) return noCheck;
  const run = runner(world, options.check, listeners);
  return checkOf({ run, limitMs: options.readyTimeoutMs, push: events.push, log: log.write });
}

function watching(world: ReadyingOptions): Omit<Readying, 'check'> {
  const { options, caller, log, inherited } = world;
  const { readiness, readyTimeoutMs: limitMs } = options;
  const nothing = { descriptors: [], handOver: () => undefined, [Symbol.dispose]: () => {} };
  switch (readiness.kind) {
    case 'interval':
      return { watchWorker: noWatch, ...nothing };
    case 'exec': {
      const warn = (message: string) => log.write({ event: 'warning', message });
      return {
        watchWorker: probeWatch({ run: runner(world, readiness.command, []), limitMs, warn }),
        ...nothing,
      };
    }
    case 'notify': {
      const slot = inherited?.slot ?? openSlot(world);
      const directory =
        inherited === undefined
          ? makeNotifyDirectory(caller.environment)
          : notifyDirectory(inherited.directory);
      return {
        watchWorker: notifyWatch(slot, directory.path),
        descriptors: [slot],
        handOver: () => ({ slot, directory: directory.path }),
        [Symbol.dispose]: () => directory[Symbol.dispose](),
      };
    }
  }
}

function runner(
  { options, caller, events }: ReadyingOptions,
  command: string,
  descriptors: readonly Descriptor[],
): RunCommand {
  const { directory } = options;
  const { openFilesLimit } = caller;
  return commandRunner({ command, directory, descriptors, openFilesLimit, watch: events.watch });
}

/** At the lowest number that neither a socket nor a descriptor of the caller's has. */
function openSlot({ listeners, caller }: ReadyingOptions) {
  const targets = new Set(listeners.map(({ to }) => to));
  let to = 3;
  while (targets.has(to) || caller.descriptors.includes(to)) to += 1;
  return notifySlot(to, targets);
}
