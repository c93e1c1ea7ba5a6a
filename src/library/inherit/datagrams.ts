// dgram.Socket.prototype.bind.

import type { Socket } from 'node:dgram';
import { askedToBind } from './listen-arguments.ts';
import type { Inheriting } from './listens.ts';
import { isMainThread } from './main-thread.ts';
import { findPlace, release } from './places.ts';

type Bind = (...args: unknown[]) => Socket;

export function takeDatagrams({ places, ready, going, lazily }: Inheriting): void {
  const { Socket } = lazily.dgram();
  const original = Socket.prototype.bind as Bind;
  function bind(this: Socket, ...args: unknown[]): Socket {
    const { wanted, callback } = askedToBind(args);
    const place = wanted && findPlace(places, wanted, 'datagram');
    if (place === undefined || place.taker !== undefined || !isMainThread(lazily)) {
      return original.apply(this, args);
    }
    const listens = () => {
      place.taker = this;
      place.listens = true;
      going.serves();
      ready.look();
      this.once('close', () => release(place));
    };
    // First, since Node says so at once.
    this.once('listening', listens);
    try {
      original.call(this, { fd: place.fd }, ...callback);
    } catch (error) {
      this.off('listening', listens);
      // By hand nobody has said that it is a socket for connections.
      if ((error as NodeJS.ErrnoException).code !== 'ERR_INVALID_FD_TYPE') throw error;
      return original.apply(this, args);
    }
    return this;
  }
  Socket.prototype.bind = bind;
}
