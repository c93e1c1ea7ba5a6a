import cluster from 'node:cluster';
import { createServer } from 'node:http';

if (cluster.isPrimary) {
  cluster.fork();
  cluster.fork();
} else {
  createServer((_request, response) => {
    response.end(`hello from generation ${process.env.SERVER_STARTER_GENERATION}\n`);
  }).listen(process.env.PORT ?? 3000);
}
