// Any Node server, unmodified: where it asks for a place that the superdaemon has bound, it gets the socket that it
// inherits; that it serves is said for it; and it goes without losing a request.

import type { Cluster } from 'node:cluster';
import type dgram from 'node:dgram';
import type threads from 'node:worker_threads';
import { preload } from '../preload.ts';
import { takeDatagrams } from './datagrams.ts';
import { goOnSignals } from './going.ts';
import { takeListens } from './listens.ts';
import { parsePlaces } from './places.ts';
import { readiness } from './readiness.ts';

/** Modules of Node's, loaded when they are asked for. */
export interface Lazily {
  cluster(): Cluster;
  dgram(): typeof dgram;
  threads(): typeof threads;
}

/** Once in a process, however many of these are preloaded. */
export function inherit(lazily: Lazily): void {
  if (preload() !== undefined) return;
  const { SERVER_STARTER_UDP, SERVER_STARTER_SIGNALS } = process.env;
  const places = parsePlaces(process.env);
  const ready = readiness(places, lazily);
  preload({ ready: ready.say, leaveReadyToProgram: ready.leaveToProgram });
  const going = goOnSignals(SERVER_STARTER_SIGNALS, places, lazily);
  const world = { places, ready, going, lazily };
  takeListens(world);
  // Without --as=node nobody says which of them are for datagrams, so any may be.
  if (SERVER_STARTER_SIGNALS === undefined || SERVER_STARTER_UDP !== undefined) takeDatagrams(world);
}
