// A program of each kind that the library serves: `library.mjs KIND [SOCKET-NAME]`. Stream servers without HTTP and
// datagram sockets answer "GENERATION PID".
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createNetServer } from 'node:net';
import { listen, ready, retire } from 'superdaemon';

const [kind, name] = process.argv.slice(2);
const { SERVER_STARTER_GENERATION = '0', CERTIFICATE = '', FALLBACK } = process.env;
const line = `${SERVER_STARTER_GENERATION} ${process.pid}\n`;
const answer = (_request, response) => response.end(line);

const make = {
  http: () => createHttpServer(answer),
  http2: () => createHttp2Server(answer),
  https: () => {
    const pem = readFileSync(CERTIFICATE);
    return createHttpsServer({ key: pem, cert: pem }, answer);
  },
  net: () => createNetServer((connection) => connection.end(line)),
  dgram: () => {
    const socket = createSocket('udp4');
    return socket.on('message', (_text, { port, address }) => socket.send(line, port, address));
  },
};

const server = make[kind]();
process.on('SIGTERM', () => (kind === 'dgram' ? server.close() : retire(server)));
await listen(server, { ...(name && { name }), fallback: FALLBACK });
console.error(`listens, and told somebody: ${ready()}, ${JSON.stringify(server.address())}`);
