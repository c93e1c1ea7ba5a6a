// The sockets of a superdaemon: those that somebody has left, is keeping or has handed over, and those that are bound now.

import type { EarlierConfigurations } from '../host/earlier-configurations.ts';
import type { Recovered } from '../recovery/recovered.ts';
import { type KeepListening, keepListening } from '../sockets/keep-listening.ts';
import type { Listener, ListenersNow } from '../sockets/listener.ts';
import type { WorkerPorts } from '../sockets/worker-ports.ts';
import type { FdStore } from '../systemd/fd-store.ts';
import { wantsBlocking } from '../workers/server-adapter.ts';
import { type Acquiring, acquireOrphaned, acquireSockets, acquireWorkerPorts } from './acquire.ts';
import { acquireEarlier } from './acquire-earlier.ts';
import type { Acquired } from './acquired.ts';
import { listenersOf, portsOf } from './earlier-sockets.ts';
import { keepSockets } from './keep-sockets.ts';
import type { Prepared } from './prepare.ts';

export interface OpenSockets {
  readonly orphaned: Recovered;
  readonly listeners: readonly Listener[];
  readonly listening: KeepListening;
  /** For those who go by a command line before ours. */
  readonly earlier: EarlierConfigurations;
  /** What each worker has for itself, and at which descriptors it finds it. */
  readonly workerPorts: WorkerPorts;
  readonly ownNumbers: readonly number[];
  /** With those that single workers have. */
  readonly all: ListenersNow;
  /** undefined: the service manager keeps none. */
  readonly fdStore: FdStore | undefined;
}

/** Throws StartupError. */
export async function openSockets(
  acquired: Acquired,
  prepared: Prepared,
  acquiring: Acquiring,
): Promise<OpenSockets> {
  const { options, inherited, subscribe, warn } = prepared;
  const orphaned = acquired.own(await acquireOrphaned(acquiring));
  const sockets = acquired.own(await acquireSockets(acquiring, orphaned));
  const { listeners, ownNumbers } = sockets;
  const earlier: EarlierConfigurations = acquired.own(acquireEarlier(prepared, () => workerPorts.all()));
  const found = { ...orphaned, ...(inherited && portsOf(earlier)) };
  const workerPorts: WorkerPorts = acquired.own(acquireWorkerPorts(acquiring, found, sockets));
  subscribe(workerPorts.onEvent);
  const fdStore = acquired.own(keepSockets(prepared, () => listenersOf(listeners, earlier)));
  const all = withPorts(listeners, workerPorts);
  const blocking = wantsBlocking(options.server);
  const listening = acquired.own(keepListening(all, { ...options, blocking, warn }));
  subscribe(listening.onEvent);
  return { orphaned, listeners, ownNumbers, earlier, workerPorts, all, listening, fdStore };
}

/** The ports of the workers come and go. */
function withPorts(listeners: readonly Listener[], ports: WorkerPorts): ListenersNow {
  let own = ports.all();
  let all = [...listeners, ...own];
  return () => {
    if (ports.all() === own) return all;
    own = ports.all();
    all = [...listeners, ...own];
    return all;
  };
}
