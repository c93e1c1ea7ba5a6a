// --fd-store: what the service manager keeps of us.

import type { Listener } from '../sockets/listener.ts';
import { storeName } from '../sockets/stored-sockets.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { type FdStore, fdStore } from '../systemd/fd-store.ts';
import type { Prepared } from './prepare.ts';

/** With which sockets may come or go, or be bound anew. */
const CHANGING: readonly LogEvent['event'][] = ['worker-starting', 'worker-died', 'worker-failed-to-start'];

/** Their files stay with them. undefined: it keeps none. `listeners`: those that there are now, which our caller has not bound. */
export function keepSockets(prepared: Prepared, listeners: () => readonly Listener[]): FdStore | undefined {
  const { options, callerAsItIs, inherited, stored, subscribe, warn } = prepared;
  const known = inherited?.stored ?? stored.flatMap(({ fdName }) => fdName ?? []);
  if (!options.fdStore && known.length === 0) return undefined;
  const store = fdStore(callerAsItIs.environment, known, warn);
  if (store === undefined) return undefined;
  const keep = () =>
    store.keep(options.fdStore ? listeners().map((each) => ({ name: storeName(each), fd: each.from })) : []);
  keep();
  subscribe(({ event }) => {
    if (CHANGING.includes(event)) keep();
  });
  return {
    ...store,
    [Symbol.dispose]: () => {
      if (options.fdStore) for (const each of listeners()) each.file = undefined;
      store[Symbol.dispose]();
    },
  };
}
