// The signals that tell a worker to go, where the program does not listen to them itself: it stops accepting, its requests
// come to their end, and then it ends, as it would have ended at once without us.

import { Server } from 'node:net';
import { retire } from '../retire.ts';
import { handOnFirst, retireCluster, whenForkListens } from './cluster.ts';
import { drainFirst } from './drain-first.ts';
import type { Lazily } from './inherit.ts';
import type { Place } from './places.ts';
import type { SignalGate } from './signal-gate.ts';

export interface Going {
  /** This process takes an inherited socket. */
  serves(): void;
  /** Of a server that listens for the forks of cluster nobody will see it later. */
  keepHandle(place: Place): void;
}

export interface Handle {
  close(): void;
}

interface GoingWorld {
  readonly places: readonly Place[];
  readonly gate: SignalGate;
  readonly lazily: Lazily;
}

const SHORTEST_LIMIT_MS = 30_000;
const DEFAULT_SIGNAL = 'SIGTERM';
/** Ctrl-C: the terminal sends it to every process in the foreground, to the superdaemon and to us. */
const BY_TERMINAL = 'SIGINT';

export function goOnSignals(
  { SERVER_STARTER_SIGNALS = DEFAULT_SIGNAL, SERVER_STARTER_KILLED_AFTER = '' }: NodeJS.ProcessEnv,
  { places, gate, lazily }: GoingWorld,
): Going {
  const told = SERVER_STARTER_SIGNALS.split(',').filter(canBeHeard);
  const signals = [...new Set([...told, BY_TERMINAL] as const)];
  const limitsMs = SERVER_STARTER_KILLED_AFTER.split(',').flatMap((text) => Number(text) * 1000 || []);
  const handles = new Map<Place, Handle>();
  const heard = new Set<NodeJS.Signals>();
  // Whose listener came by `once` has none any more when we are asked, and still is at it.
  const isHeard = (signal: NodeJS.Signals) => {
    if (isHeardByProgram(signal)) heard.add(signal);
    return heard.has(signal);
  };
  const handOn = () => handOnFirst(lazily.cluster, handles);
  drainFirst({ gate, signals, places, isHeardByProgram: isHeard, handOn, limitsMs });
  let isHearing = false;
  let hasGone = false;
  const go = (signal: NodeJS.Signals) => {
    if (hasGone || isHeard(signal)) return;
    hasGone = true;
    void Promise.all([...retireAll(places, limitsMs), retireCluster(lazily.cluster(), handles, signal)]).then(
      () => process.exit(),
    );
  };
  const serves = () => {
    if (isHearing) return;
    isHearing = true;
    for (const signal of signals) process.on(signal, go);
  };
  if (isClusterLoaded()) whenForkListens(lazily.cluster(), places, serves);
  return {
    // Not before: npm and the like are to die of it, as ever.
    serves,
    keepHandle: (place) => {
      const handle = place.taker && '_handle' in place.taker && place.taker._handle;
      if (handle) handles.set(place, handle as Handle);
    },
  };
}

/** Undocumented; without it a primary whose forks listen for themselves (SCHED_NONE, datagrams) would die of the signal. */
function isClusterLoaded(): boolean {
  const { moduleLoadList: loaded } = process as { readonly moduleLoadList?: readonly string[] };
  return loaded?.includes('NativeModule cluster') === true;
}

function canBeHeard(text: string): text is NodeJS.Signals {
  return text !== 'SIGKILL' && text !== 'SIGSTOP';
}

/** signal-exit, which many packages load, leaves a process alone that has another listener, ours for one. */
function isHeardByProgram(signal: NodeJS.Signals): boolean {
  const { [Symbol.for('signal-exit emitter')]: new4 } = globalThis as Record<symbol, unknown>;
  const { __signal_exit_emitter__: old3 } = process as unknown as Record<string, unknown>;
  return process.listenerCount(signal) - 1 - countOf(new4) - countOf(old3) > 0;
}

function countOf(emitter: unknown): number {
  const { count } = (emitter ?? {}) as { readonly count?: unknown };
  return typeof count === 'number' ? count : 0;
}

function retireAll(places: readonly Place[], limitsMs: readonly number[]): Promise<void>[] {
  // Who is killed later than that may as well serve until then.
  const limitMs = Math.max(SHORTEST_LIMIT_MS, ...limitsMs);
  return places.flatMap(({ taker }) => {
    if (taker === undefined) return [];
    if (!(taker instanceof Server)) {
      taker.close();
      return [];
    }
    return taker.listening ? [retire(taker, { limitMs })] : [];
  });
}
