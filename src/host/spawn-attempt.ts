// An attempt: a worker is spawned, and watched from before its spawn, so that no word of its is missed.

import type { StartOptions } from '../command-line/invocation.ts';
import { SystemError } from '../posix/libc/system-error.ts';
import type { Caller } from '../posix/process/caller.ts';
import type { Descriptor } from '../posix/process/spawn.ts';
import type { WorkerNote } from '../recovery/worker-note.ts';
import type { KeepListening } from '../sockets/keep-listening.ts';
import type { Listener } from '../sockets/listener.ts';
import type { WorkerPorts } from '../sockets/worker-ports.ts';
import { StartupError } from '../startup-error.ts';
import type { Attempt, Spawned } from '../superdaemon/host.ts';
import { type SpawnWorker, workerSpawner } from '../workers/spawn-worker.ts';
import type { AttemptSettings } from './attempt-settings.ts';
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
}

export function attemptSpawner(
  world: AttemptWorld,
  settings: AttemptSettings,
): (attempt: Attempt) => Spawned {
  const { listening, workerPorts, watches, note } = world;
  const spawnerFor = spawners(world);
  /** No worker has been spawned since. */
  let rebound = false;
  return (attempt) => {
    rebound = listening.renew() || rebound;
    const slot = attempt.place?.worker ?? 0;
    const listeners = ownListeners(workerPorts, slot);
    if ('kind' in listeners) return listeners;
    const watch = openWatch(watches, attempt);
    if ('kind' in watch) return watch;
    const environment = settings.environmentOf(attempt, { readiness: watch.variables, listeners });
    const spawned = spawnerFor(slot, listeners)(environment);
    if (spawned.kind === 'failed') {
      watch[Symbol.dispose]();
      return spawned;
    }
    const worker = { generation: attempt.generation, worker: attempt.place?.worker, pid: spawned.pid };
    workerPorts.spawned(slot, spawned.pid);
    watches.attend(worker, watch);
    note?.spawned(worker);
    watch.begin(spawned.pid, environment);
    const isAlone = rebound;
    rebound = false;
    return { ...spawned, rebound: isAlone };
  };
}

/** One for all, or, where they have sockets of their own, one for each slot. */
function spawners(world: AttemptWorld) {
  const known = new Map<number, { readonly own: readonly Listener[]; readonly spawn: SpawnWorker }>();
  const common = spawnerOf(world, []);
  return (slot: number, own: readonly Listener[]): SpawnWorker => {
    if (own.length === 0) return common;
    const found = known.get(slot);
    if (found?.own === own) return found.spawn;
    const spawn = spawnerOf(world, own);
    known.set(slot, { own, spawn });
    return spawn;
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
  own: readonly Listener[],
): SpawnWorker {
  return workerSpawner({
    words: options.command,
    directory: options.directory,
    descriptors: [...listeners, ...own, ...descriptors],
    noteListenPid: options.listenFds && listeners.length > 0,
    caller,
    sentSignals: ['SIGTERM', options.signalOnHup, options.signalOnTerm],
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
