// What the options --ready and --check ask for, wired to the event queue.

import type { StartOptions } from '../command-line/start-options.ts';
import { closeQuietly } from '../posix/file/descriptor.ts';
import type { OpenDirectory } from '../posix/file/directory.ts';
import { platform } from '../posix/libc/platform.ts';
import type { Caller } from '../posix/process/caller.ts';
import type { Descriptor } from '../posix/process/spawn.ts';
import type { Listener } from '../sockets/listener.ts';
import { bothWatches } from '../workers/both-watches.ts';
import { notifyWatch } from '../workers/notify.ts';
import { notifyDirectory } from '../workers/notify-directory.ts';
import { type NotifySlot, notifySlot } from '../workers/notify-pipe.ts';
import { probeWatch } from '../workers/probe.ts';
import { noWatch, type WatchWorker } from '../workers/readiness.ts';
import { commandRunner, type RunCommand } from '../workers/run-command.ts';
import { firstNumber } from '../workers/server-adapter.ts';
import { type Check, type CheckOptions, checkOf, noCheck } from './check.ts';
import type { Log } from './event-log.ts';
import type { EventQueue } from './event-queue.ts';

export interface ReadinessOptions {
  readonly options: StartOptions;
  readonly caller: Caller;
  readonly listeners: readonly Listener[];
  /** At which each worker finds what it has for itself. */
  readonly ownNumbers: readonly number[];
  readonly events: EventQueue;
  readonly log: Log;
  readonly inherited: InheritedReadiness | undefined;
}

export interface InheritedReadiness {
  readonly slot: NotifySlot;
  /** undefined: there was no place for one. */
  readonly directory: OpenDirectory | undefined;
}

export interface OpenReadiness extends Disposable {
  readonly watchWorker: WatchWorker;
  readonly check: Check;
  /** Of the canary. */
  readonly canaryCheck: Check;
  /** What workers get besides the listeners. */
  readonly descriptors: readonly Descriptor[];
  /** For the successor. */
  forSuccessor(): InheritedReadiness | undefined;
}

export function openReadiness(world: ReadinessOptions): OpenReadiness {
  const { check, canaryCheck } = world.options;
  return {
    check: checking(world, 'check', check),
    canaryCheck: checking(world, 'canary check', canaryCheck),
    ...watching(world),
  };
}

function checking(world: ReadinessOptions, name: CheckOptions['name'], command: string | undefined): Check {
  const { options, listeners, log } = world;
  if (command === undefined) return noCheck;
  const run = runner(world, command, listeners);
  return checkOf({ name, run, limitMs: options.readyTimeoutMs, log: log.write });
}

function watching(world: ReadinessOptions): Omit<OpenReadiness, 'check' | 'canaryCheck'> {
  const { options, log } = world;
  const { readiness, readyTimeoutMs: limitMs, watchdogMs } = options;
  const warn = (message: string) => log.write({ event: 'warning', message });
  const probe =
    readiness.kind === 'exec'
      ? probeWatch({ run: runner(world, readiness.command, []), limitMs, warn })
      : noWatch;
  if (readiness.kind !== 'notify' && watchdogMs === undefined) {
    return { watchWorker: probe, descriptors: [], forSuccessor: () => undefined, [Symbol.dispose]: () => {} };
  }
  const slot = world.inherited?.slot ?? openSlot(world);
  const directory = openDirectory(world, warn);
  const words = notifyWatch(slot, directory, watchdogMs);
  return {
    watchWorker: readiness.kind === 'notify' ? words : bothWatches(probe, words),
    descriptors: [slot],
    forSuccessor: () => ({ slot, directory: directory?.forSuccessor() }),
    [Symbol.dispose]: () => {
      directory?.[Symbol.dispose]();
      for (const fd of [slot.from, slot.nothing]) closeQuietly(fd);
    },
  };
}

/** undefined where the kernel does not tell who sends a datagram: there workers have the pipe alone. */
function openDirectory({ options, caller, inherited }: ReadinessOptions, warn: (message: string) => void) {
  if (platform.SO_PASSCRED === 0) return undefined;
  return notifyDirectory({
    ...{ environment: caller.environment, warn, user: options.privileges?.user },
    inherited: inherited?.directory,
  });
}

function runner(
  { options, caller, events }: ReadinessOptions,
  command: string,
  descriptors: readonly Descriptor[],
): RunCommand {
  const { directory, privileges } = options;
  const { openFilesLimit } = caller;
  return commandRunner({ command, directory, descriptors, openFilesLimit, privileges, watch: events.watch });
}

/** At the lowest number that neither a socket nor a descriptor of the caller's has. */
function openSlot({ options, listeners, ownNumbers, caller }: ReadinessOptions) {
  const targets = new Set([...listeners.map(({ to }) => to), ...ownNumbers]);
  let to = firstNumber(options.server);
  while (targets.has(to) || caller.descriptors.includes(to)) to += 1;
  return notifySlot(to, targets);
}
