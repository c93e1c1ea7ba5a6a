// net.Server.prototype.listen, which http, https, http2 and tls share.

import { Server } from 'node:net';
import { kindAt } from '../descriptor.ts';
import { closeGently } from './close-gently.ts';
import type { Going } from './going.ts';
import type { Lazily } from './inherit.ts';
import { type Asked, askedToListen } from './listen-arguments.ts';
import { isMainThread } from './main-thread.ts';
import { companionsOf, findPlace, leave, type Place, release } from './places.ts';
import type { Readiness } from './readiness.ts';

export interface Inheriting {
  readonly places: readonly Place[];
  readonly ready: Readiness;
  readonly going: Going;
  readonly lazily: Lazily;
}

/** More than any kernel allows, so that its own limit counts; Node would cut the superdaemon's queue to 511. */
const LONGEST_BACKLOG = 65_535;

type Listen = (...args: unknown[]) => Server;

export function takeListens(inheriting: Inheriting): void {
  const original = Server.prototype.listen as Listen;
  function listen(this: Server, ...args: unknown[]): Server {
    const asked = askedToListen(args);
    const place = this.listening ? undefined : placeFor(inheriting, asked);
    if (place !== undefined) return takePlace(this, { place, asked, original, inheriting });
    if (isMainThread(inheriting.lazily)) {
      this.once('listening', () => {
        inheriting.lazily.later().tellStranger(asked);
        if (inheriting.places.length === 0) inheriting.ready.look();
      });
    }
    return original.apply(this, args);
  }
  Server.prototype.listen = listen;
}

/** One that somebody of this process has is his: who asks for it, too, hears what he would have heard anyway. */
function placeFor({ places, lazily }: Inheriting, { wanted }: Asked): Place | undefined {
  const place = wanted && findPlace(places, wanted, 'stream');
  if (place === undefined || place.taker !== undefined || !isMainThread(lazily)) return undefined;
  return place;
}

interface Taking {
  readonly place: Place;
  readonly asked: Asked;
  readonly original: Listen;
  readonly inheriting: Inheriting;
}

function takePlace(server: Server, { place, asked, original, inheriting }: Taking): Server {
  const { places, going, lazily } = inheriting;
  const { isPrimary } = lazily.cluster();
  // In a fork of cluster the socket is the primary's.
  if (isPrimary && !isThere(place)) {
    process.nextTick(() => server.emit('error', lazily.later().cannotListen(place)));
    return server;
  }
  place.taker = server;
  closeGently(server, lazily);
  going.serves();
  const listen = (on: Server, at: Place, ...callback: (() => void)[]) => {
    on.once('listening', () => noteListening(at, inheriting));
    on.once('close', () => (isPrimary ? release(at) : leave(at)));
    const { port, host, path, ...options } = asked.options as Record<string, unknown>;
    original.call(on, { ...options, fd: at.fd }, LONGEST_BACKLOG, ...callback);
    going.keepHandle(at);
  };
  listen(server, place, ...asked.callback);
  for (const other of companionsOf(places, asked.wanted)) {
    lazily.later().listenAlso(server, other, (companion) => listen(companion, other));
  }
  return server;
}

function noteListening(place: Place, { ready }: Inheriting): void {
  place.listens = true;
  ready.look();
}

/** Or the program, or something on the way, has closed it. */
function isThere({ fd, isClosed }: Place): boolean {
  return !isClosed && kindAt(fd) === 'socket';
}
