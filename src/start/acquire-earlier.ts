// What the predecessor holds for command lines before ours.

import {
  type EarlierConfiguration,
  type EarlierConfigurations,
  earlierConfigurations,
} from '../host/earlier-configurations.ts';
import { environmentSource } from '../host/environment-source.ts';
import { openReadiness } from '../host/open-readiness.ts';
import { keepListening } from '../sockets/keep-listening.ts';
import { inheritListeners, type Listener } from '../sockets/listener.ts';
import { ownSockets } from '../sockets/orphaned-sockets.ts';
import { slotSpecs, workerPorts } from '../sockets/worker-ports.ts';
import { optionsOf } from '../upgrade/options-of.ts';
import type { InheritedConfiguration } from '../upgrade/upgrade-state.ts';
import { wantsBlocking } from '../workers/server-adapter.ts';
import type { Prepared } from './prepare.ts';

/** `ours`: what each worker of our own has for itself. */
export function acquireEarlier(prepared: Prepared, ours: () => readonly Listener[]): EarlierConfigurations {
  const { inherited } = prepared;
  const known = inherited?.earlier ?? [];
  return earlierConfigurations(
    known.map((each) => acquire(each, prepared, ours)),
    inherited?.table.configurations.at(-1)?.since ?? 0,
  );
}

function acquire(
  held: InheritedConfiguration,
  prepared: Prepared,
  ours: () => readonly Listener[],
): EarlierConfiguration {
  const { caller, events, log, subscribe, warn, inherited } = prepared;
  const options = optionsOf(held.words, caller.environment);
  const sockets = inheritListeners(held.listeners);
  const { listeners } = sockets;
  const blocking = wantsBlocking(options.server);
  const ownNumbers = held.workerPorts[0]?.listeners.map(({ to }) => to) ?? [];
  const { wanted = 1, workers = [] } = inherited?.table ?? {};
  const ports = workerPorts({
    specsOf: slotSpecs(options.workerPorts),
    numbers: ownNumbers,
    request: {
      ...{ backlog: options.backlog, pathAccess: options.pathAccess, blocking, warn },
      ...{ activated: [], orphaned: ownSockets(ours) },
      targets: new Set([...listeners.map(({ to }) => to), ...ownNumbers]),
    },
    wanted,
    seats: workers,
    inherited: held.workerPorts,
  });
  const listening = keepListening(() => listeners, { ...options, blocking, warn });
  const readiness = openReadiness({
    ...{ options, caller, listeners, ownNumbers, events, log },
    inherited: held.readiness,
  });
  const environment = environmentSource(options, caller);
  let isOver = false;
  subscribe((event) => {
    if (isOver) return;
    ports.onEvent(event);
    listening.onEvent(event);
  });
  return {
    ...{ since: held.since, words: held.words, options, environment },
    ...{ listeners, listening, workerPorts: ports, readiness },
    [Symbol.dispose]: () => {
      isOver = true;
      for (const each of [readiness, listening, ports, sockets]) each[Symbol.dispose]();
    },
  };
}
