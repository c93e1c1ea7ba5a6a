// server.close() of a program that ends itself: http's own cuts idle kept-alive connections at once, with a request on its
// way, maybe. Here they end by their next answer, or by the server's keepAliveTimeout.

import { Server } from 'node:net';
import { connectionsOf } from '../connections.ts';
import type { Lazily } from './inherit.ts';

type Callback = (error?: Error) => void;

interface Closing {
  close(callback?: Callback): Server;
  closeIdleConnections?(): void;
}

/** What a server without a keepAliveTimeout would leave standing for ever. */
const LONGEST_IDLE_MS = 30_000;

const inherited = new WeakSet<object>();
const closing = new WeakSet<object>();
const patched = new WeakSet<object>();

/** Before it listens: it has to know its connections when it closes. */
export function closeGently(server: Server, lazily: Pick<Lazily, 'later'>): void {
  connectionsOf(server);
  inherited.add(server);
  for (let each = Object.getPrototypeOf(server); each !== Server.prototype && each !== null; ) {
    patch(each, lazily);
    each = Object.getPrototypeOf(each);
  }
}

/** Those of http, https and http2; what a class of the program does in its own `close` ends there. */
function patch(prototype: Closing, lazily: Pick<Lazily, 'later'>): void {
  const owns = (name: string) => Object.hasOwn(prototype, name);
  // Before Node 24 http2 has none, and its sessions would never end.
  const isNodes = owns('closeAllConnections') || owns('updateSettings');
  if (!isNodes || patched.has(prototype)) return;
  patched.add(prototype);
  const { close, closeIdleConnections } = prototype;
  prototype.close = function (this: Server & Closing, callback) {
    if (!inherited.has(this) || !this.listening) return close.call(this, callback);
    closing.add(this);
    if (typeof callback === 'function') this.once('close', callback);
    const { forgetRetirement, retire } = lazily.later();
    void retire(this, { limitMs: Number.POSITIVE_INFINITY }).then(() => {
      closing.delete(this);
      forgetRetirement(this);
    });
    setTimeout(() => closeIdleConnections?.call(this), LONGEST_IDLE_MS).unref();
    return this;
  };
  if (owns('closeIdleConnections') && closeIdleConnections !== undefined) {
    prototype.closeIdleConnections = function () {
      if (!closing.has(this)) closeIdleConnections.call(this);
    };
  }
}
