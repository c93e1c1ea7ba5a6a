// The application: answers on every inherited socket and says which generation it is. Ready, it says so on the descriptor
// that --ready=notify gives it; told to go, it loses no request. In a program that has installed the library of start-server
// all of this is `serve(app)`.
import { once } from 'node:events';
import { closeSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { Server } from 'node:net';

const { SERVER_STARTER_PORT = '', SERVER_STARTER_GENERATION, NOTIFY_FD } = process.env;
const descriptors = SERVER_STARTER_PORT.split(';').map((entry) =>
  Number(entry.slice(entry.lastIndexOf('=') + 1)),
);
let going = false;
const servers = descriptors.map(() =>
  createServer((_request, response) => {
    const body = `hello from pid ${process.pid}, generation ${SERVER_STARTER_GENERATION}\n`;
    setTimeout(() => {
      // The last answer on this connection: the client's next request goes to the new generation.
      if (going) response.setHeader('Connection', 'close');
      response.end(body);
    }, 5);
  }),
);

// Before the first listen(): a TERM must never meet a server that does not know what to do about it. TERM may come twice.
process.on('SIGTERM', () => {
  going = true;
  // Not http's own close(): it cuts connections without a request, which may be on its way. Idle ones end by themselves
  // after keepAliveTimeout, 5 s.
  for (const server of servers) Server.prototype.close.call(server);
});
await Promise.all(
  servers.map((server, index) => once(server.listen({ fd: descriptors[index] }), 'listening')),
);

if (NOTIFY_FD !== undefined) {
  writeSync(Number(NOTIFY_FD), 'READY=1\n');
  closeSync(Number(NOTIFY_FD));
}
