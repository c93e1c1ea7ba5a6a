// What a process that may serve gets besides.

import { goOnSignals } from './going.ts';
import type { Lazily } from './inherit.ts';
import { takeListens } from './listens.ts';
import { parsePlaces } from './places.ts';
import { type Readiness, readiness } from './readiness.ts';
import type { SignalGate } from './signal-gate.ts';

export interface Served {
  /** What the superdaemon has told us by variables. */
  readonly told: NodeJS.ProcessEnv;
  readonly gate: SignalGate;
  readonly lazily: Lazily;
}

export function serveInherited({ told, gate, lazily }: Served): Readiness {
  const { SERVER_STARTER_UDP, SERVER_STARTER_SIGNALS } = told;
  const places = parsePlaces(told);
  const ready = readiness(places, lazily);
  const going = goOnSignals(told, { places, gate, lazily });
  const inheriting = { places, ready, going, lazily };
  takeListens(inheriting);
  // Without --as=node nobody says which of them are for datagrams, so any may be.
  if (SERVER_STARTER_SIGNALS === undefined || SERVER_STARTER_UDP !== undefined) {
    lazily.later().takeDatagrams(inheriting);
  }
  return ready;
}
