// How an HTTP server goes without losing a request, those on kept-alive connections included.
import { Server } from 'node:net';

/**
 * Takes no more connections, and tells every client with its next answer that it is the last on that connection. Idle
 * ones stay for the server's keepAliveTimeout (5 s), as it has promised its clients, so that a request that is on its
 * way meets somebody. What is left after `limitMs` is cut.
 */
export function retire(server, { limitMs }) {
  // Not http's own close(), which cuts idle connections at once.
  Server.prototype.close.call(server);
  server.prependListener('request', (_request, response) => response.setHeader('Connection', 'close'));
  // The process ends when the last connection has gone; nothing here keeps it alive.
  setTimeout(() => server.closeAllConnections(), limitMs).unref();
}
