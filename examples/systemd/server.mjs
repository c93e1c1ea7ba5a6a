// The application: answers on every inherited socket and says which generation it is. Ready, it says so on the descriptor
// that --ready=notify gives it; told to go, it answers the requests under way and ends.
import { once } from 'node:events';
import { closeSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';

const { SERVER_STARTER_PORT = '', SERVER_STARTER_GENERATION, NOTIFY_FD } = process.env;
const descriptors = SERVER_STARTER_PORT.split(';').map((entry) =>
  Number(entry.slice(entry.lastIndexOf('=') + 1)),
);
const servers = descriptors.map(() =>
  createServer((_request, response) => {
    const body = `hello from pid ${process.pid}, generation ${SERVER_STARTER_GENERATION}\n`;
    setTimeout(() => response.end(body), 5);
  }),
);

// Before the first listen(): a TERM must never meet a server that does not know what to do about it.
process.on('SIGTERM', () => {
  for (const server of servers) server.close();
});
await Promise.all(
  servers.map((server, index) => once(server.listen({ fd: descriptors[index] }), 'listening')),
);

if (NOTIFY_FD !== undefined) {
  writeSync(Number(NOTIFY_FD), 'READY=1\n');
  closeSync(Number(NOTIFY_FD));
}
