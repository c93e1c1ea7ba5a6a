// The application in a cluster of Node's own: `cluster.mjs WORKERS`.
import cluster from 'node:cluster';

if (cluster.isPrimary) for (let count = 0; count < Number(process.argv[2]); count += 1) cluster.fork();
else await import('./app.mjs');
