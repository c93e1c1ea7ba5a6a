import { createServer } from 'node:http';
import express from 'express';
import { listen, ready } from 'start-server';
import { retire } from '../node-http/retire.mjs';

const app = express();
app.get('/', (_request, response) => {
  response.send(`hello from pid ${process.pid}, generation ${process.env.SERVER_STARTER_GENERATION}\n`);
});

// Not app.listen(): it knows neither descriptors nor when to go.
const server = createServer(app);
process.once('SIGTERM', () => retire(server, { limitMs: 30_000 }));

await listen(server, process.env.PORT ?? 8080);
ready();
