import type { InheritedListener } from '../sockets/listener.ts';
import type { InheritedPorts } from '../sockets/worker-ports.ts';
import type { Reconfiguration } from '../superdaemon/reconfiguration.ts';
import type { UpgradeState } from './upgrade-state.ts';

export interface Opened {
  readonly listeners: readonly InheritedListener[];
  readonly workerPorts: readonly InheritedPorts[];
}

interface Change extends Opened {
  readonly to: Reconfiguration;
  /** It has --workers. */
  readonly isPool: boolean;
  /** Our descriptors of what either command line names. */
  readonly both: ReadonlySet<number>;
}

/**
 * What a successor begins with that goes by another command line. Its table is ours; what we have opened stays with those who
 * go by ours; and the deploy that it begins with is the client's.
 */
export function reconfiguredState(
  state: UpgradeState,
  { to, isPool, both, ...opened }: Change,
): UpgradeState {
  const { table, caller, listeners, workerPorts, readiness } = state;
  // A file of both goes on under the new one.
  const left = (each: InheritedListener) => (both.has(each.from) ? { ...each, file: undefined } : each);
  const before = {
    since: table.configurations.at(-1)?.since ?? 0,
    words: caller.words,
    listeners: listeners.map(left),
    workerPorts: workerPorts.map((each) => ({ ...each, listeners: each.listeners.map(left) })),
    readiness,
  };
  return {
    ...state,
    ...opened,
    caller: { ...caller, words: to.words },
    table: { ...table, configurations: [...table.configurations, { since: table.begun + 1, isPool }] },
    events: [{ kind: 'request', request: to.request }, ...state.events],
    earlier: [...state.earlier, before],
    readiness: undefined,
  };
}
