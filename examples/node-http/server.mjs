// On every inherited socket. For a single one `serve(app, 8080)` does all of this.
import { createServer } from 'node:http';
import { listen, ready, retire, serverPorts } from 'superdaemon';

const { SERVER_STARTER_PORT, SERVER_STARTER_GENERATION } = process.env;

const app = (_request, response) =>
  response.end(`hello from pid ${process.pid}, generation ${SERVER_STARTER_GENERATION}\n`);

// Started by hand, `node server.mjs`, it listens on a port of its own.
const names = SERVER_STARTER_PORT === undefined ? [undefined] : [...serverPorts().keys()];
const servers = names.map(() => createServer(app));

// Before the first listen(): a TERM must never meet a server that does not know what to do about it. Not once(): it may come
// a second time, a stop during a deploy.
process.on('SIGTERM', () => {
  for (const server of servers) retire(server, { limitMs: 30_000 });
});

await Promise.all(servers.map((server, index) => listen(server, { name: names[index], fallback: 8080 })));
ready();
