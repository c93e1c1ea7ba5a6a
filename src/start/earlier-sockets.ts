import type { EarlierConfigurations } from '../host/earlier-configurations.ts';
import { isCallers } from '../sockets/copy-listener.ts';
import type { Listener } from '../sockets/listener.ts';
import { isSamePlace } from '../sockets/match-kept.ts';
import { type OrphanedSockets, ownSockets } from '../sockets/orphaned-sockets.ts';

export function portsOf(earlier: EarlierConfigurations): OrphanedSockets {
  return ownSockets(() => earlier.all().flatMap(({ workerPorts }) => workerPorts.all()));
}

/** What only earlier command lines name, and which goes with its last worker. */
export function onlyEarlier(earlier: EarlierConfigurations, ours: readonly Listener[]): readonly Listener[] {
  return socketsOf(earlier).filter(({ spec }) => !ours.some((each) => isSamePlace(each.spec, spec)));
}

export function socketsOf(earlier: EarlierConfigurations): readonly Listener[] {
  return earlier.all().flatMap((each) => [...each.listeners, ...each.workerPorts.all()]);
}

/** The shared ones that we have bound, of whatever command line. */
export function listenersOf(ours: readonly Listener[], earlier: EarlierConfigurations): readonly Listener[] {
  const theirs = earlier.all().flatMap((each) => each.listeners);
  const alone = theirs.filter(({ spec }) => !ours.some((each) => isSamePlace(each.spec, spec)));
  return [...ours, ...alone].filter((each) => !isCallers(each));
}
