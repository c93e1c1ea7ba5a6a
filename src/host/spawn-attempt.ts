// An attempt: a worker is spawned, and watched from before its spawn, so that no word of its is missed.

import type { StartOptions } from '../command-line/start-options.ts';
import { SystemError } from '../posix/libc/system-error.ts';
import type { Caller } from '../posix/process/caller.ts';
import type { Descriptor } from '../posix/process/spawn.ts';
import type { WorkerNote } from '../recovery/worker-note.ts';
import type { KeepListening } from '../sockets/keep-listening.ts';
import { type Listener, queuesOf } from '../sockets/listener.ts';
import type { WorkerPorts } from '../sockets/worker-ports.ts';
import { StartupError } from '../startup-error.ts';
import type { Attempt, Spawned } from '../superdaemon/host.ts';
import { internalError } from '../superdaemon/log-event.ts';
import { directoryTrouble } from '../workers/refusal.ts';
import { type SpawnWorker, workerSpawner } from '../workers/spawn-worker.ts';
import { withMark } from '../workers/tree-mark.ts';
import { type WorkerEnvironment, withSockets } from '../workers/worker-environment.ts';
import type { WorkerTrees } from '../workers/worker-trees.ts';
import type { AttemptSettings } from './attempt-settings.ts';
import type { Log } from './event-log.ts';
import type { WorkerWatch } from './live-watch.ts';
import type { WorkerWatches } from './worker-watches.ts';

export interface AttemptWorld {
  readonly options: StartOptions;
  readonly caller: Caller;
  readonly listeners: readonly Listener[];
  readonly listening: Pick<KeepListening, 'renew'>;
  readonly workerPorts: Pick<WorkerPorts, 'of' | 'spawned' | 'all'>;
  /** What workers get besides the listeners. */
  readonly descriptors: readonly Descriptor[];
  readonly watches: WorkerWatches;
  readonly note: WorkerNote | undefined;
  readonly trees: Pick<WorkerTrees, 'spawned'> | undefined;
  readonly log: Pick<Log, 'write'>;
}

export interface AttemptSpawner {
  spawn(attempt: Attempt): Spawned;
  /** What the worker of this attempt was given but for its own sockets; it is the last one of the newest generation. */
  surroundingsOf(attempt: Attempt): WorkerEnvironment;
}

export function attemptSpawner(world: AttemptWorld, settings: AttemptSettings): AttemptSpawner {
  const { options, listening, workerPorts, watches, note, trees, log } = world;
  const spawnWith = spawners(world);
  let newest: (Attempt & { readonly surroundings: WorkerEnvironment }) | undefined;
  /** No worker has been spawned since. */
  let rebound = false;
  const ownVariables = ({ variables }: WorkerWatch, { attempt }: Attempt) =>
    options.killTree ? withMark(variables, attempt) : variables;
  /** It lives: whatever goes wrong from here on, its death is to be heard of, and it is not to be spawned once more. */
  const begin = (pid: number, { generation, attempt, place }: Attempt, { watch, surroundings }: Begun) => {
    const worker = { generation, worker: place?.worker, pid };
    watches.attend(worker, watch);
    try {
      workerPorts.spawned(place?.worker ?? 0, pid);
      trees?.spawned({ pid, attempt, goesWhole: options.killTree });
      note?.spawned(worker);
      watch.begin(pid, surroundings);
    } catch (error) {
      log.write(internalError(error));
    }
  };
  const spawn = (attempt: Attempt): Spawned => {
    // Its deploy has looked for the directory in vain.
    if (options.freeze && attempt.frozen === undefined)
      return { kind: 'failed', reason: directoryTrouble(options.directory) ?? MOVING };
    rebound = listening.renew() || rebound;
    const slot = attempt.place?.worker ?? 0;
    const listeners = ownListeners(workerPorts, slot);
    if ('kind' in listeners) return listeners;
    const watch = openWatch(watches, attempt);
    if ('kind' in watch) return watch;
    const surroundings = settings.environmentOf(attempt, ownVariables(watch, attempt));
    const spawned = spawnWith(slot, listeners, surroundings);
    if (spawned.kind === 'failed') {
      watch[Symbol.dispose]();
      return spawned;
    }
    begin(spawned.pid, attempt, { watch, surroundings });
    if (attempt.generation >= (newest?.generation ?? 0)) newest = { ...attempt, surroundings };
    const isAlone = rebound;
    rebound = false;
    return { ...spawned, rebound: isAlone };
  };
  return {
    spawn,
    surroundingsOf: (attempt) =>
      newest?.attempt === attempt.attempt ? newest.surroundings : settings.environmentOf(attempt),
  };
}

interface Begun {
  readonly watch: WorkerWatch;
  readonly surroundings: WorkerEnvironment;
}

const MOVING = 'its directory was just being exchanged';

/** One for all, or, where they have sockets of their own, one for each slot. */
function spawners(world: AttemptWorld) {
  const known = new Map<number, { readonly its: readonly Listener[]; readonly spawn: SpawnWorker }>();
  const common = spawnerOf(world, []);
  return (slot: number, its: readonly Listener[], surroundings: WorkerEnvironment): Spawned => {
    if (its.length === 0) return common(surroundings);
    const found = known.get(slot);
    const spawn = found?.its === its ? found.spawn : spawnerOf(world, its);
    known.set(slot, { its, spawn });
    return spawn({ ...surroundings, own: withSockets(surroundings.own, { common: world.listeners, its }) });
  };
}

/** Its port may be somebody else's by now. */
function ownListeners(ports: Pick<WorkerPorts, 'of'>, slot: number): readonly Listener[] | Failed {
  try {
    return ports.of(slot);
  } catch (error) {
    if (!(error instanceof StartupError)) throw error;
    return { kind: 'failed', reason: error.message };
  }
}

function spawnerOf(
  { options, caller, listeners, descriptors }: AttemptWorld,
  its: readonly Listener[],
): SpawnWorker {
  return workerSpawner({
    words: options.command,
    directory: options.directory,
    descriptors: [...listeners, ...its, ...descriptors],
    queues: queuesOf([...listeners, ...its]),
    noteListenPid: options.listenFds && listeners.length > 0,
    caller,
    sentSignals: ['SIGTERM', options.signalOnHup, options.signalOnTerm],
    privileges: options.privileges,
  });
}

type Failed = Extract<Spawned, { kind: 'failed' }>;

function openWatch(watches: WorkerWatches, attempt: Attempt): WorkerWatch | Failed {
  try {
    return watches.open(attempt);
  } catch (error) {
    // Of descriptors there may be too few for so many workers: that is the system's word, and no fault of ours.
    if (!(error instanceof SystemError)) throw error;
    return { kind: 'failed', reason: `cannot hear whether it is ready: ${error.message}` };
  }
}
