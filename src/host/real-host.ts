// The world, as the superdaemon asks for it.

import type { StartOptions } from '../command-line/invocation.ts';
import type { StatusFile } from '../files/status-file.ts';
import { keepingLast } from '../posix/libc/keeping-last.ts';
import { SystemError } from '../posix/libc/system-error.ts';
import type { Caller, Environment } from '../posix/process/caller.ts';
import type { SignalName } from '../posix/process/signals.ts';
import type { Descriptor } from '../posix/process/spawn.ts';
import type { WorkerNote } from '../recovery/worker-note.ts';
import type { KeepListening } from '../sockets/keep-listening.ts';
import type { Listener } from '../sockets/listener.ts';
import type { Attempt, Frozen, Host, Policy, Spawned } from '../superdaemon/host.ts';
import { restartsFrom } from '../superdaemon/policy.ts';
import type { LeftBehind } from '../workers/left-behind.ts';
import type { MainProcesses } from '../workers/main-processes.ts';
import { socketVariables } from '../workers/socket-variables.ts';
import { directoryTrouble, workerSpawner } from '../workers/spawn-worker.ts';
import { generationsOwn, type WorkerEnvironment } from '../workers/worker-environment.ts';
import type { Check } from './check.ts';
import type { EnvironmentSource } from './environment-source.ts';
import type { Log } from './event-log.ts';
import type { EventQueue } from './event-queue.ts';
import { fixedPolicy } from './fixed-policy.ts';
import { freezing } from './freezing.ts';
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
  readonly mains: MainProcesses;
  readonly signalWorker: (pid: number, signal: SignalName) => void;
  readonly watches: WorkerWatches;
  readonly left: LeftBehind;
  readonly check: Check;
  readonly canaryCheck: Check;
  readonly upgrade: Pick<Host, 'trySuccessor' | 'cancelTrial'>;
  readonly status: StatusFile | undefined;
  readonly note: WorkerNote | undefined;
  readonly log: Log;
}

export function realHost(world: World): Host {
  const { options, caller, listeners, environment, events, watches, left, check, canaryCheck } = world;
  const { upgrade, status, log } = world;
  const warn = (message: string) => log.write({ event: 'warning', message });
  const withSockets = socketVariables(listeners, options);
  const { signalOnHup, signalOnTerm } = options;
  const spawnWorker = workerSpawner({
    words: options.command,
    directory: options.directory,
    descriptors: [...listeners, ...world.descriptors],
    noteListenPid: options.listenFds && listeners.length > 0,
    caller,
    sentSignals: ['SIGTERM', signalOnHup, signalOnTerm],
  });
  const fixed = fixedPolicy(options);
  const freeze = freezing(options, environment, warn);
  const prepare = (variables: Environment) => ({
    variables,
    lasting: withSockets(variables),
    policy: { ...fixed, ...restartsFrom(variables, warn) } satisfies Policy,
  });
  let prepared: ReturnType<typeof prepare> | undefined;
  const frozenVariables = keepingLast(({ envdir }: Frozen) => environment.with(envdir));
  const preparedNow = (frozen?: Frozen) => {
    const variables = frozen === undefined ? environment.read(warn) : frozenVariables(frozen);
    if (prepared?.variables !== variables) prepared = prepare(variables);
    return prepared;
  };
  const environmentOf = (attempt: Omit<Attempt, 'attempt'>, readiness?: Environment): WorkerEnvironment => {
    const { generation, place, frozen } = attempt;
    const known = frozen === undefined ? prepared : undefined;
    const { lasting, policy } = known ?? preparedNow(frozen);
    const autoRestartInterval = policy.autoRestartIntervalMs && policy.autoRestartIntervalMs / 1000;
    const own = generationsOwn({ generation, place, autoRestartInterval, readiness });
    return { lasting, own, directory: frozen === undefined ? options.directory : frozen.directory };
  };
  /** The last one of the newest generation, which the canary is. */
  let newest: (Attempt & { readonly surroundings: WorkerEnvironment }) | undefined;
  const spawn = (attempt: Attempt): Spawned => {
    // Its deploy has looked for the directory in vain.
    if (options.freeze && attempt.frozen === undefined)
      return { kind: 'failed', reason: directoryTrouble(options.directory) ?? MOVING };
    world.listening.renew();
    let watch: WorkerWatch;
    try {
      watch = watches.open(attempt);
    } catch (error) {
      // Of descriptors there may be too few for so many workers: that is the system's word, and no fault of ours.
      if (!(error instanceof SystemError)) throw error;
      return { kind: 'failed', reason: `cannot hear whether it is ready: ${error.message}` };
    }
    const surroundings = environmentOf(attempt, watch.variables);
    const spawned = spawnWorker(surroundings);
    if (spawned.kind === 'failed') {
      watch[Symbol.dispose]();
      return spawned;
    }
    const worker = { generation: attempt.generation, worker: attempt.place?.worker, pid: spawned.pid };
    watches.attend(worker, watch);
    world.note?.spawned(worker);
    watch.begin(spawned.pid, surroundings);
    if (attempt.generation >= (newest?.generation ?? 0)) newest = { ...attempt, surroundings };
    return spawned;
  };

  return {
    now: events.now,
    nextEvent: events.next,
    freeze,
    policy: (frozen) => preparedNow(frozen).policy,
    check: ({ generation, frozen }) =>
      check.begin({
        generation,
        surroundings: environmentOf({ generation, frozen, place: undefined }),
        ended: (refusal) => events.push({ kind: 'checked', generation, refusal }),
      }),
    cancelCheck: () => check.cancel(),
    judge: ({ attempt, pid, ...canary }) =>
      canaryCheck.begin({
        generation: canary.generation,
        surroundings: newest?.attempt === attempt ? newest.surroundings : environmentOf(canary),
        pid,
        ended: (refusal) => events.push({ kind: 'judged', attempt, refusal }),
      }),
    cancelJudgement: () => canaryCheck.cancel(),
    trySuccessor: upgrade.trySuccessor,
    cancelTrial: upgrade.cancelTrial,
    spawn,
    signal: (pid, signal) => {
      left.look(pid);
      world.listening.leaving(pid);
      if (!world.mains.signal(pid, signal)) world.signalWorker(pid, signal);
    },
    publish: (generations) => status?.publish(generations),
    log: log.write,
  };
}

const MOVING = 'its directory was just being exchanged';
