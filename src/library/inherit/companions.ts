// Who listens on all addresses of a port means those that have a socket of their own, too (`--port=80 --port=[::]:80`): what
// comes there is the server's as if it had accepted it.

import { createServer, Server, type Socket } from 'node:net';
import type { Place } from './places.ts';

const companions = new WeakMap<Server, Server[]>();

/** What Node counts by: a server closes when it has no connection any more. */
interface Counting {
  _connections: number;
}

export function listenAlso(server: Server, place: Place, listen: (companion: Server) => void): void {
  const { allowHalfOpen } = server as Server & { readonly allowHalfOpen?: boolean };
  const companion = createServer({ allowHalfOpen: allowHalfOpen === true }, (socket) => {
    adopt(socket, companion, server);
    server.emit('connection', socket);
  });
  companion.on('error', (error) => server.emit('error', error));
  companions.set(server, [...(companions.get(server) ?? []), companion]);
  place.taker = companion;
  closeWithServers();
  listen(companion);
}

/** From the first one on. */
function closeWithServers(): void {
  if (isClosing) return;
  isClosing = true;
  const { close } = Server.prototype;
  Server.prototype.close = function (callback) {
    closeCompanions(this);
    return close.call(this, callback);
  };
}

let isClosing = false;

export function closeCompanions(server: Server): void {
  for (const companion of companions.get(server) ?? []) companion.close();
  companions.delete(server);
}

function adopt(socket: Socket, from: Server, to: Server): void {
  Object.assign(socket, { server: to, _server: to });
  (from as Server & Counting)._connections -= 1;
  (to as Server & Counting)._connections += 1;
}
