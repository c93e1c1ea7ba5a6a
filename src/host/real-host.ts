// The world, as the superdaemon asks for it.

import type { StartOptions } from '../command-line/invocation.ts';
import type { StatusFile } from '../files/status-file.ts';
import { SystemError } from '../posix/libc/system-error.ts';
import type { Caller, Environment } from '../posix/process/caller.ts';
import { sendSignal } from '../posix/process/signals.ts';
import type { Descriptor } from '../posix/process/spawn.ts';
import type { OrphanWatch } from '../recovery/orphan-watch.ts';
import type { WorkerNote } from '../recovery/worker-note.ts';
import type { KeepListening } from '../sockets/keep-listening.ts';
import { type Listener, queuesOf } from '../sockets/listener.ts';
import type { Attempt, Host, Policy, Spawned } from '../superdaemon/host.ts';
import { restartsFrom } from '../superdaemon/policy.ts';
import type { LeftBehind } from '../workers/left-behind.ts';
import { socketVariables } from '../workers/socket-variables.ts';
import { workerSpawner } from '../workers/spawn-worker.ts';
import { generationsOwn, type WorkerEnvironment, wholeOf } from '../workers/worker-environment.ts';
import type { Check } from './check.ts';
import type { EnvironmentSource } from './environment-source.ts';
import type { Log } from './event-log.ts';
import type { EventQueue } from './event-queue.ts';
import type { WorkerWatch, WorkerWatches } from './worker-watches.ts';

export interface World {
  readonly options: StartOptions;
  readonly caller: Caller;
  readonly listeners: readonly Listener[];
  readonly listening: KeepListening;
  /** What workers get besides the listeners. */
  readonly descriptors: readonly Descriptor[];
  readonly environment: EnvironmentSource;
  readonly events: EventQueue;
  readonly orphans: OrphanWatch;
  readonly watches: WorkerWatches;
  readonly left: LeftBehind;
  readonly check: Check;
  readonly upgrade: Pick<Host, 'trySuccessor' | 'cancelTrial'>;
  readonly status: StatusFile | undefined;
  readonly note: WorkerNote | undefined;
  readonly log: Log;
}

export function realHost(world: World): Host {
  const { options, caller, listeners, environment, events, orphans, watches, left, check } = world;
  const { upgrade, status, log } = world;
  const warn = (message: string) => log.write({ event: 'warning', message });
  const sockets = socketVariables(listeners, options);
  const { signalOnHup, signalOnTerm } = options;
  const spawnWorker = workerSpawner({
    words: options.command,
    directory: options.directory,
    descriptors: [...listeners, ...world.descriptors],
    queues: queuesOf(listeners),
    noteListenPid: sockets.has('LISTEN_FDS'),
    caller,
    sentSignals: ['SIGTERM', signalOnHup, signalOnTerm],
  });
  const fixed = fixedPolicy(options);
  const prepare = (variables: Environment) => ({
    variables,
    lasting: new Map([...variables, ...sockets]),
    policy: { ...fixed, ...restartsFrom(variables, warn) } satisfies Policy,
  });
  let prepared: ReturnType<typeof prepare> | undefined;
  const preparedNow = () => {
    const variables = environment.read(warn);
    if (prepared?.variables !== variables) prepared = prepare(variables);
    return prepared;
  };
  const environmentOf = (
    { generation, place }: Pick<Attempt, 'generation' | 'place'>,
    readiness?: Environment,
  ): WorkerEnvironment => {
    const { lasting, policy } = prepared ?? preparedNow();
    const autoRestartInterval = policy.autoRestartIntervalMs && policy.autoRestartIntervalMs / 1000;
    return { lasting, own: generationsOwn({ generation, place, autoRestartInterval, readiness }) };
  };
  const spawn = (attempt: Attempt): Spawned => {
    world.listening.renew();
    let watch: WorkerWatch;
    try {
      watch = watches.open(attempt);
    } catch (error) {
      // Of descriptors there may be too few for so many workers: that is the system's word, and no fault of ours.
      if (!(error instanceof SystemError)) throw error;
      return { kind: 'failed', reason: `cannot hear whether it is ready: ${error.message}` };
    }
    const workersEnvironment = environmentOf(attempt, watch.variables);
    const spawned = spawnWorker(workersEnvironment);
    if (spawned.kind === 'failed') {
      watch[Symbol.dispose]();
      return spawned;
    }
    const worker = { generation: attempt.generation, worker: attempt.place?.worker, pid: spawned.pid };
    watches.attend(worker, watch);
    world.note?.spawned(worker);
    watch.begin(spawned.pid, workersEnvironment);
    return spawned;
  };

  return {
    now: events.now,
    nextEvent: events.next,
    policy: () => preparedNow().policy,
    check: (generation) => check.begin(generation, wholeOf(environmentOf({ generation, place: undefined }))),
    cancelCheck: () => check.cancel(),
    trySuccessor: upgrade.trySuccessor,
    cancelTrial: upgrade.cancelTrial,
    spawn,
    signal: (pid, signal) => {
      left.look(pid);
      world.listening.leaving(pid);
      // Its death may be an event that has not been taken yet, and its pid a stranger's by now.
      if (!orphans.signal(pid, signal) && events.isOurs(pid)) sendSignal(pid, signal);
    },
    publish: (generations) => status?.publish(generations),
    log: log.write,
  };
}

function fixedPolicy(options: StartOptions): Omit<Policy, 'killOldDelayMs' | 'autoRestartIntervalMs'> {
  return {
    workers: options.workers,
    startAtOnce: options.startAtOnce,
    intervalMs: options.intervalMs,
    signalOnHup: options.signalOnHup,
    signalOnTerm: options.signalOnTerm,
    readyTimeoutMs: options.readiness.kind === 'interval' ? undefined : options.readyTimeoutMs,
    maxStartAttempts: options.maxStartAttempts,
    hasCheck: options.check !== undefined,
    killOldTimeoutMs: options.killOldTimeoutMs,
    stopTimeoutMs: options.stopTimeoutMs,
    backoffMs: options.backoffMs,
  };
}
