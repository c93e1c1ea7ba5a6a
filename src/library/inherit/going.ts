// The signals that tell a worker to go, from the moment that it serves. What happens then is in leaving.ts.

import type { Lazily } from './inherit.ts';
import type { Handle, Leaving } from './leaving.ts';
import type { Place } from './places.ts';
import type { SignalGate } from './signal-gate.ts';

export interface Going {
  /** This process takes an inherited socket. */
  serves(): void;
  /** Of a server that listens for the forks of cluster nobody will see it later. */
  keepHandle(place: Place): void;
}

interface GoingWorld {
  readonly places: readonly Place[];
  readonly gate: SignalGate;
  readonly lazily: Lazily;
}

const DEFAULT_SIGNAL = 'SIGTERM';
/** Ctrl-C: the terminal sends it to every process in the foreground, to the superdaemon and to us. */
const BY_TERMINAL = 'SIGINT';
const UNHEARD: readonly unknown[] = ['SIGKILL', 'SIGSTOP'];

export function goOnSignals(
  { SERVER_STARTER_SIGNALS = DEFAULT_SIGNAL, SERVER_STARTER_KILLED_AFTER: limits = '' }: NodeJS.ProcessEnv,
  { places, gate, lazily }: GoingWorld,
): Going {
  const signals = signalsIn(SERVER_STARTER_SIGNALS);
  const handles = new Map<Place, Handle>();
  let going: Leaving | undefined;
  const leaving = () => {
    going ??= lazily.later().leaving({ signals, places, handles, limits, gate, cluster: lazily.cluster });
    return going;
  };
  gate.holds = (args) => signals.some((signal) => signal === args[0]) && leaving().holds(args);
  let isHearing = false;
  const serves = () => {
    if (isHearing) return;
    isHearing = true;
    for (const signal of signals) process.on(signal, go);
  };
  const go = (signal: NodeJS.Signals) => leaving().go(signal);
  if (isClusterLoaded()) lazily.later().whenForkListens(lazily.cluster(), places, serves);
  return {
    // Not before: npm and the like are to die of it, as ever.
    serves,
    keepHandle: (place) => {
      const handle = place.taker && '_handle' in place.taker && place.taker._handle;
      if (handle) handles.set(place, handle as Handle);
    },
  };
}

function signalsIn(text: string): readonly NodeJS.Signals[] {
  const told = text.split(',').filter((signal) => !UNHEARD.includes(signal)) as NodeJS.Signals[]; // Node's own names.
  return [...new Set([...told, BY_TERMINAL] as const)];
}

/** Undocumented; without it a primary whose forks listen for themselves (SCHED_NONE, datagrams) would die of the signal. */
function isClusterLoaded(): boolean {
  const { moduleLoadList: loaded } = process as { readonly moduleLoadList?: readonly string[] };
  return loaded?.includes('NativeModule cluster') === true;
}
