// Answers each connection on every inherited stream socket with the line "GENERATION PID".
import { createServer } from 'node:net';

const { SERVER_STARTER_PORT = '', SERVER_STARTER_GENERATION } = process.env;
const descriptors = SERVER_STARTER_PORT.split(';').map((entry) =>
  Number(entry.slice(entry.lastIndexOf('=') + 1)),
);
const servers = descriptors.map((fd) =>
  createServer((connection) => {
    connection.on('error', () => {});
    connection.end(`${SERVER_STARTER_GENERATION} ${process.pid}\n`);
  }).listen({ fd }),
);
for (const name of ['SIGTERM', 'SIGINT', 'SIGQUIT']) {
  process.on(name, () => {
    for (const server of servers) server.close();
  });
}
