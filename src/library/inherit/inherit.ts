// Any Node server, unmodified: where it asks for a place that the superdaemon has bound, it gets the socket that it
// inherits; that it serves is said for it; and it goes without losing a request.

import type { Cluster } from 'node:cluster';
import type dgram from 'node:dgram';
import type { EventEmitter } from 'node:events';
import type fs from 'node:fs';
import type threads from 'node:worker_threads';
import { preload } from '../preload.ts';
import { hearPrimary } from './channel.ts';
import { whenServerIsMade } from './first-server.ts';
import type * as later from './later.ts';
import type { Readiness } from './readiness.ts';
import { sayPreloaded } from './say-preloaded.ts';
import type * as serving from './serving.ts';
import { signalGate } from './signal-gate.ts';

/** Modules that are loaded when they are asked for. */
export interface Lazily {
  fs(): typeof fs;
  events(): typeof EventEmitter;
  cluster(): Cluster;
  dgram(): typeof dgram;
  threads(): typeof threads;
  /** By the first server. */
  serving(): typeof serving;
  /** What a server does not need before it listens, and most not before they go. */
  later(): typeof later;
}

/** Once in a process, however many of these are preloaded. */
export function inherit(lazily: Lazily): void {
  if (preload() !== undefined) return;
  // As it is now: what the program makes of it later is its own.
  const { env } = process;
  const told = {
    SERVER_STARTER_PORT: env.SERVER_STARTER_PORT,
    SERVER_STARTER_SPARES: env.SERVER_STARTER_SPARES,
    SERVER_STARTER_OWN: env.SERVER_STARTER_OWN,
    SERVER_STARTER_UDP: env.SERVER_STARTER_UDP,
    SERVER_STARTER_SIGNALS: env.SERVER_STARTER_SIGNALS,
    SERVER_STARTER_KILLED_AFTER: env.SERVER_STARTER_KILLED_AFTER,
  };
  sayPreloaded(env, lazily);
  hearPrimary();
  const gate = signalGate();
  let ready: Readiness | undefined;
  const serve = (): Readiness => {
    ready ??= lazily.serving().serveInherited({ told, gate, lazily });
    return ready;
  };
  preload({
    ready: (status) => serve().say(status),
    leaveReadyToProgram: () => serve().leaveToProgram(),
  });
  whenServerIsMade(lazily, serve);
}
