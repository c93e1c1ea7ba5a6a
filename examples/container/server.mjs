// The application: answers on every inherited socket, /healthz too, and says which generation it is. Told to go, it loses
// no request. In a program that has installed the library of start-server all of this is `serve(app)`.
import { createServer } from 'node:http';
import { Server } from 'node:net';

const { SERVER_STARTER_PORT = '', SERVER_STARTER_GENERATION } = process.env;
let going = false;
const servers = SERVER_STARTER_PORT.split(';').map((entry) => {
  const fd = Number(entry.slice(entry.lastIndexOf('=') + 1));
  const server = createServer((_request, response) => {
    const body = `hello from pid ${process.pid}, generation ${SERVER_STARTER_GENERATION}\n`;
    setTimeout(() => {
      // The last answer on this connection: the client's next request goes to the new generation.
      if (going) response.setHeader('Connection', 'close');
      response.end(body);
    }, 5);
  });
  return { fd, server };
});

// Before the first listen(): a TERM must never meet a server that does not know what to do about it. TERM may come twice.
process.on('SIGTERM', () => {
  going = true;
  // Not http's own close(): it cuts connections without a request, which may be on its way. Idle ones end by themselves
  // after keepAliveTimeout, 5 s.
  for (const { server } of servers) Server.prototype.close.call(server);
});
for (const { fd, server } of servers) server.listen({ fd });
