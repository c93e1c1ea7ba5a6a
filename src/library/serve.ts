import { createServer, type Server as HttpServer, type RequestListener } from 'node:http';
import type { Server } from 'node:net';
import { constants } from 'node:os';
import { alive } from './alive.ts';
import { type Fallback, type Listener, listen } from './listen.ts';
import { ready } from './ready.ts';
import { type Retirement, retire } from './retire.ts';
import { underSuperdaemon } from './server-ports.ts';

export interface Service extends Listener, Retirement {
  /** Which signals tell it to go: those of `--signal-on-hup` and `--signal-on-term`. Default SIGTERM and SIGINT. */
  readonly signals?: readonly NodeJS.Signals[];
}

/**
 * All that a worker has to do: listens on the socket that it inherits (without a superdaemon on the fallback), says
 * `ready` and `alive`, and on SIGTERM or SIGINT goes without losing a request (see `retire`), however often it is told to.
 *
 * The process ends when nothing keeps it alive any more: close databases and the like on the server's `close` event.
 *
 * @param app a server of net, tls, http, https or http2, or a function for the requests of a new http server (an
 *   application of Express, Koa's `app.callback()`).
 * @param where the fallback alone, or an object: `name` and `fallback` of `listen`, `limitMs` of `retire`, `signals`.
 * @returns the server, once it listens.
 * @throws what `listen` and `ready` throw, by rejection; TypeError when one of `signals` is none.
 */
export function serve(app: RequestListener, where?: Exclude<Fallback, object> | Service): Promise<HttpServer>;
export function serve<T extends Server>(app: T, where?: Exclude<Fallback, object> | Service): Promise<T>;
export async function serve(
  app: Server | RequestListener,
  where?: Exclude<Fallback, object> | Service,
): Promise<Server> {
  const server = typeof app === 'function' ? createServer(app) : app;
  const { limitMs, signals = ['SIGTERM', 'SIGINT'] }: Service =
    typeof where === 'object' ? (where ?? {}) : {};
  const go = () => void retire(server, { limitMs });
  try {
    // Before it listens: a signal that found nobody would end the process with connections in its hands.
    for (const signal of signals) onSignal(signal, go);
    await listen(server, where);
    ready();
    alive();
  } catch (error) {
    for (const signal of signals) process.off(signal, go);
    throw error;
  }
  return server;
}

function onSignal(signal: NodeJS.Signals, go: () => void): void {
  // Node takes any other word for an event that never comes.
  if (!(signal in constants.signals)) throw new TypeError(`signals: ${signal} is none; SIGTERM is one`);
  // By hand, a second Ctrl-C ends it at once; a superdaemon may tell it twice, and so may the terminal.
  if (signal === 'SIGINT' && !underSuperdaemon()) process.once(signal, go);
  else process.on(signal, go);
}
