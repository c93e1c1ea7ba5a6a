import { createServer } from 'node:http';
import { Server } from 'socket.io';

const generation = process.env.SERVER_STARTER_GENERATION;
const server = createServer((_request, response) => {
  response.end(`hello from generation ${generation}\n`);
});
const io = new Server(server);
io.on('connection', (socket) => {
  socket.on('message', (message, answer) => answer(`${message} answered by generation ${generation}`));
});
process.on('SIGTERM', () => io.close());
server.listen(process.env.PORT ?? 3000);
