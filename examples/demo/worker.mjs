// A small HTTP server for the demo. It serves the sockets that it inherits, says which generation it is, and
// on TERM takes no more connections, answers those that it has, and ends.
import { createServer } from 'node:http';

const { SERVER_STARTER_PORT, SERVER_STARTER_GENERATION } = process.env;

const servers = SERVER_STARTER_PORT.split(';').map((listener) => {
  const fd = Number(listener.slice(listener.lastIndexOf('=') + 1));
  const server = createServer((_request, response) => {
    const body = `hello from pid ${process.pid}, generation ${SERVER_STARTER_GENERATION}\n`;
    // A little work, so that each deploy finds requests under way.
    setTimeout(() => response.end(body), 5);
  });
  return { fd, server };
});

// Before the first listen(): a TERM must never meet a server that does not know what to do about it.
process.on('SIGTERM', () => {
  for (const { server } of servers) server.close();
});
for (const { fd, server } of servers) server.listen({ fd });
