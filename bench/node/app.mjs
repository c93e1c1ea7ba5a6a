// The same small application for each of them: behind ours on an inherited socket, else on a port.
import { writeSync } from 'node:fs';
import { createServer } from 'node:http';

const { SERVER_STARTER_PORT, NOTIFY_FD, PORT } = process.env;
const inherited = SERVER_STARTER_PORT?.split('=').at(-1);

const server = createServer((_request, response) => response.end('hello\n'));
server.listen(inherited === undefined ? { port: PORT, host: '127.0.0.1' } : { fd: Number(inherited) }, () => {
  if (NOTIFY_FD !== undefined) writeSync(Number(NOTIFY_FD), '\n');
  process.send?.('ready');
});
process.on('SIGTERM', () => server.close());
process.on('SIGINT', () => server.close());
