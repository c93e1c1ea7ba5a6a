import { once } from 'node:events';
import { renameSync } from 'node:fs';
import { createServer } from 'node:net';

/** A socket file as a killed program leaves it: closing a Node server removes its file, so it is renamed meanwhile. */
export async function leaveStaleSocket(path: string): Promise<void> {
  const server = createServer().listen(`${path}.made`);
  await once(server, 'listening');
  renameSync(`${path}.made`, path);
  server.close();
  await once(server, 'close');
}
