import { createServer, type Server } from 'node:http';

const server: Server = createServer((_request, response) => {
  response.end(`hello from generation ${process.env.SERVER_STARTER_GENERATION}\n`);
});
server.listen(process.env.PORT ?? 3000);
