// One of several: each has every socket, and a number of its own.
import { createServer } from 'node:http';
import { serve } from 'superdaemon';

const {
  SERVER_STARTER_GENERATION: generation,
  SERVER_STARTER_WORKER: worker = '0',
  SERVER_STARTER_WORKERS: workers = '1',
} = process.env;

// What is to be done once, and not by each: by the first of them. In a deploy two of them have this number for a while.
if (worker === '0') console.log(`worker 0 of ${workers} looks after the schedule`);

const app = createServer((_request, response) =>
  response.end(`hello from worker ${worker}, pid ${process.pid}, generation ${generation}\n`),
);
await serve(app, 8080);
