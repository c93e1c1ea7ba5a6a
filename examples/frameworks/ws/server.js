import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const generation = process.env.SERVER_STARTER_GENERATION;
const server = createServer((_request, response) => {
  response.end(`hello from generation ${generation}\n`);
});
const sockets = new WebSocketServer({ server });
sockets.on('connection', (socket) => {
  socket.on('message', (message) => socket.send(`${message} answered by generation ${generation}`));
});
process.on('SIGTERM', () => {
  const sendAway = () => {
    for (const socket of sockets.clients) socket.close(1001);
  };
  server.close();
  sendAway();
  sockets.on('connection', sendAway); // Its handshake was under way.
});
server.listen(process.env.PORT ?? 3000);
