// What the options --ready and --check ask for, wired to the event queue.

import type { Log } from '../files/log.ts';
import type { StartOptions } from '../invocation.ts';
import type { Caller } from '../posix/caller.ts';
import type { Descriptor } from '../posix/spawn.ts';
import type { Listener } from '../sockets/listener.ts';
import type { EventQueue } from '../workers/event-queue.ts';
import { notifyWatch } from '../workers/notify.ts';
import { makeNotifyDirectory } from '../workers/notify-directory.ts';
import { notifySlot } from '../workers/notify-pipe.ts';
import { probeWatch } from '../workers/probe.ts';
import { noWatch, type OpenWatch } from '../workers/readiness.ts';
import { commandRunner, type RunCommand } from '../workers/run-command.ts';
import { type Check, checkOf, noCheck } from './check.ts';

export interface ReadyingOptions {
  readonly options: StartOptions;
  readonly caller: Caller;
  readonly listeners: readonly Listener[];
  readonly events: EventQueue;
  readonly log: Log;
}

export interface Readying extends Disposable {
  readonly openWatch: OpenWatch;
  readonly check: Check;
  /** What workers get besides the listeners. */
  readonly descriptors: readonly Descriptor[];
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
  const { options, caller, log } = world;
  const { readiness, readyTimeoutMs: limitMs } = options;
  const nothing = { descriptors: [], [Symbol.dispose]: () => {} };
  switch (readiness.kind) {
    case 'interval':
      return { openWatch: noWatch, ...nothing };
    case 'exec': {
      const warn = (message: string) => log.write({ event: 'warning', message });
      return {
        openWatch: probeWatch({ run: runner(world, readiness.command, []), limitMs, warn }),
        ...nothing,
      };
    }
    case 'notify': {
      const slot = openSlot(world);
      const directory = makeNotifyDirectory(caller.environment);
      return {
        openWatch: notifyWatch(slot, directory.path),
        descriptors: [slot],
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
