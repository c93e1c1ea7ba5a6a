// A worker is told to go by a signal. Where the program does not listen to it itself, it stops accepting, its requests come to
// their end, and then it ends, as it would have ended at once without us.

import type { Cluster } from 'node:cluster';
import { Server } from 'node:net';
import { retire } from '../retire.ts';
import { handOnFirst, retireCluster } from './cluster.ts';
import { drainFirst } from './drain-first.ts';
import type { Place } from './places.ts';
import type { SignalGate } from './signal-gate.ts';

export interface Handle {
  close(): void;
}

export interface Leaving {
  /** Of the gate. */
  readonly holds: SignalGate['holds'];
  /** One of the signals has come, to the program as well, if it listens to it. */
  go(signal: NodeJS.Signals): void;
}

interface LeavingWorld {
  /** That tell it to go. */
  readonly signals: readonly NodeJS.Signals[];
  readonly places: readonly Place[];
  readonly handles: ReadonlyMap<Place, Handle>;
  /** In seconds, separated by commas: see SERVER_STARTER_KILLED_AFTER. */
  readonly limits: string;
  readonly gate: SignalGate;
  readonly cluster: () => Cluster;
}

const SHORTEST_LIMIT_MS = 30_000;

export function leaving({ signals, places, handles, limits, gate, cluster }: LeavingWorld): Leaving {
  const limitsMs = limits.split(',').flatMap((text) => Number(text) * 1000 || []);
  const heard = new Set<NodeJS.Signals>();
  // Whose listener came by `once` has none any more when we are asked, and still is at it.
  const isHeard = (signal: NodeJS.Signals) => {
    if (isHeardByProgram(signal)) heard.add(signal);
    return heard.has(signal);
  };
  const handOn = () => handOnFirst(cluster, handles);
  let hasGone = false;
  return {
    holds: drainFirst({ gate, signals, places, isHeardByProgram: isHeard, handOn, limitsMs }),
    go: (signal) => {
      if (hasGone || isHeard(signal)) return;
      hasGone = true;
      void Promise.all([...retireAll(places, limitsMs), retireCluster(cluster(), handles, signal)]).then(() =>
        process.exit(),
      );
    },
  };
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
