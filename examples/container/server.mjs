// The application: answers on every inherited socket, /healthz too, and says which generation it is. Told to go, it answers the
// requests under way and ends.
import { createServer } from 'node:http';

const { SERVER_STARTER_PORT = '', SERVER_STARTER_GENERATION } = process.env;
const servers = SERVER_STARTER_PORT.split(';').map((entry) => {
  const fd = Number(entry.slice(entry.lastIndexOf('=') + 1));
  const server = createServer((_request, response) => {
    const body = `hello from pid ${process.pid}, generation ${SERVER_STARTER_GENERATION}\n`;
    setTimeout(() => response.end(body), 5);
  });
  return { fd, server };
});

// Before the first listen(): a TERM must never meet a server that does not know what to do about it.
process.on('SIGTERM', () => {
  for (const { server } of servers) server.close();
});
for (const { fd, server } of servers) server.listen({ fd });
