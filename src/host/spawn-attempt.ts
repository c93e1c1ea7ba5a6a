// An attempt: a worker is spawned, and watched from before its spawn, so that no word of its is missed.

import type { StartOptions } from '../command-line/invocation.ts';
import { SystemError } from '../posix/libc/system-error.ts';
import type { Caller } from '../posix/process/caller.ts';
import type { Descriptor } from '../posix/process/spawn.ts';
import type { WorkerNote } from '../recovery/worker-note.ts';
import type { KeepListening } from '../sockets/keep-listening.ts';
import type { Listener } from '../sockets/listener.ts';
import type { Attempt, Spawned } from '../superdaemon/host.ts';
import { directoryTrouble, type SpawnWorker, workerSpawner } from '../workers/spawn-worker.ts';
import type { WorkerEnvironment } from '../workers/worker-environment.ts';
import type { AttemptSettings } from './attempt-settings.ts';
import type { WorkerWatch } from './live-watch.ts';
import type { WorkerWatches } from './worker-watches.ts';

export interface AttemptWorld {
  readonly options: StartOptions;
  readonly caller: Caller;
  readonly listeners: readonly Listener[];
  readonly listening: Pick<KeepListening, 'renew'>;
  /** What workers get besides the listeners. */
  readonly descriptors: readonly Descriptor[];
  readonly watches: WorkerWatches;
  readonly note: WorkerNote | undefined;
}

export interface AttemptSpawner {
  spawn(attempt: Attempt): Spawned;
  /** What the worker of this attempt was given, the last one of the newest generation. */
  surroundingsOf(attempt: Attempt): WorkerEnvironment;
}

export function attemptSpawner(world: AttemptWorld, settings: AttemptSettings): AttemptSpawner {
  const { options, listening, watches, note } = world;
  const spawnWorker = spawnerOf(world);
  let newest: (Attempt & { readonly surroundings: WorkerEnvironment }) | undefined;
  /** No worker has been spawned since. */
  let rebound = false;
  const spawn = (attempt: Attempt): Spawned => {
    // Its deploy has looked for the directory in vain.
    if (options.freeze && attempt.frozen === undefined)
      return { kind: 'failed', reason: directoryTrouble(options.directory) ?? MOVING };
    rebound = listening.renew() || rebound;
    const watch = openWatch(watches, attempt);
    if ('kind' in watch) return watch;
    const surroundings = settings.environmentOf(attempt, watch.variables);
    const spawned = spawnWorker(surroundings);
    if (spawned.kind === 'failed') {
      watch[Symbol.dispose]();
      return spawned;
    }
    const worker = { generation: attempt.generation, worker: attempt.place?.worker, pid: spawned.pid };
    watches.attend(worker, watch);
    note?.spawned(worker);
    watch.begin(spawned.pid, surroundings);
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

const MOVING = 'its directory was just being exchanged';

function spawnerOf({ options, caller, listeners, descriptors }: AttemptWorld): SpawnWorker {
  return workerSpawner({
    words: options.command,
    directory: options.directory,
    descriptors: [...listeners, ...descriptors],
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
