// An HTTP server on every inherited listener. Node makes the listeners non-blocking, for every process that
// shares them. TERM: no more accepting, the requests of the connections that there are get answered, the last on each
// with Connection: close, then nothing keeps it alive.
import { existsSync, writeSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';

const { SERVER_STARTER_PORT = '', SERVER_STARTER_GENERATION } = process.env;
const fds = SERVER_STARTER_PORT.split(';').map((listener) => Number(listener.replace(/^.*=/, '')));
let going = false;

const servers = fds.map(() =>
  http.createServer((_request, response) => {
    const body = `pid ${process.pid}, generation ${SERVER_STARTER_GENERATION}\n`;
    // Each request takes a moment, so that a signal always finds some under way.
    setTimeout(() => {
      if (going) response.setHeader('Connection', 'close');
      response.end(body);
    }, 5);
  }),
);

// Before listening: a TERM that found no listener would end the process with a connection in its hands.
process.on('SIGTERM', () => {
  going = true;
  // Not http's own close(): from Node 26.4 on it also cuts connections that have not sent a byte yet.
  for (const server of servers) net.Server.prototype.close.call(server);
});
const listening = servers.map(
  (server, index) => new Promise((resolve) => server.listen({ fd: fds[index] }, resolve)),
);
await Promise.all(listening);

// Asked whether it is ready, it says so, unless the file $LATE is there.
const { NOTIFY_FD, LATE = '' } = process.env;
if (NOTIFY_FD !== undefined && !existsSync(LATE)) writeSync(Number(NOTIFY_FD), '\n');
