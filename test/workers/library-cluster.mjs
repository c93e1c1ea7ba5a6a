// node:cluster under a superdaemon: the primary has the socket, its two workers answer "GENERATION PID".
import cluster from 'node:cluster';
import { createServer } from 'node:net';
import { listen } from 'superdaemon';

process.on('SIGTERM', () => process.exit());
if (cluster.isPrimary) {
  cluster.fork();
  cluster.fork();
} else {
  const line = `${process.env.SERVER_STARTER_GENERATION} ${process.pid}\n`;
  await listen(createServer((connection) => connection.end(line)));
}
