// The world, as the superdaemon asks for it.

import type { Log } from '../files/log.ts';
import type { StatusFile } from '../files/status-file.ts';
import type { StartOptions } from '../options.ts';
import type { Caller } from '../posix/caller.ts';
import { sendSignal } from '../posix/signals.ts';
import { serverStarterPort } from '../sockets/fd-table.ts';
import type { Listener } from '../sockets/listener.ts';
import type { Host, Policy } from '../superdaemon/host.ts';
import { restartsFrom } from '../superdaemon/policy.ts';
import type { EventQueue } from '../workers/event-queue.ts';
import { workerSpawner } from '../workers/spawn-worker.ts';
import { workerEnvironment } from '../workers/worker-environment.ts';
import type { EnvironmentSource } from './environment-source.ts';

export interface World {
  readonly options: StartOptions;
  readonly caller: Caller;
  readonly listeners: readonly Listener[];
  readonly environment: EnvironmentSource;
  readonly events: EventQueue;
  readonly status: StatusFile | undefined;
  readonly log: Log;
  /** Called whenever a worker has been spawned. */
  readonly serving: () => void;
}

export function realHost(world: World): Host {
  const { options, caller, listeners, environment, events, status, log } = world;
  const warn = (message: string) => log.write({ event: 'warning', message });
  const port = serverStarterPort(listeners);
  const { intervalMs, signalOnHup, signalOnTerm } = options;
  const spawnWorker = workerSpawner({
    words: options.command,
    directory: options.directory,
    fdTable: listeners,
    caller,
    sentSignals: ['SIGTERM', signalOnHup, signalOnTerm],
  });
  const prepare = () => {
    const variables = environment(warn);
    const policy: Policy = { intervalMs, signalOnHup, signalOnTerm, ...restartsFrom(variables, warn) };
    return { variables, policy };
  };
  let prepared: ReturnType<typeof prepare> | undefined;

  return {
    now: events.now,
    nextEvent: events.next,
    policy: () => {
      prepared = prepare();
      return prepared.policy;
    },
    spawn: (generation) => {
      const { variables, policy } = prepared ?? prepare();
      const autoRestartInterval = policy.autoRestartIntervalMs && policy.autoRestartIntervalMs / 1000;
      const spawned = spawnWorker(workerEnvironment(variables, { generation, port, autoRestartInterval }));
      if (spawned.kind === 'spawned') {
        events.watch(spawned.pid);
        world.serving();
      }
      return spawned;
    },
    signal: (pid, signal) => {
      // Its death may be an event that has not been taken yet, and its pid a stranger's by now.
      if (events.isOurs(pid)) sendSignal(pid, signal);
    },
    publish: (generations) => status?.publish(generations),
    log: log.write,
  };
}
