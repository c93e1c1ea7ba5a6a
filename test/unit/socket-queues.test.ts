import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { openListeners } from '../../src/sockets/open-listeners.ts';
import { socketQueues } from '../../src/sockets/socket-queues.ts';
import { parsePath, parsePort } from '../../src/sockets/socket-spec.ts';
import { freePort } from '../support/free-port.ts';
import { plainListening } from '../support/plain-listening.ts';
import { tempDir } from '../support/temp-dir.ts';

it('of each socket it is told how many connections wait, and how many may', async () => {
  using dir = tempDir();
  const [port, path] = [await freePort(), dir.join('socket')];
  const specs = [parsePort(`127.0.0.1:${port}`), parsePort(`127.0.0.1:u${port}`), parsePath(path)];
  using opened = await openListeners(specs, [], plainListening);
  const reported = (tcp: number, unix: number) => [
    { name: `127.0.0.1:${port}`, option: `--port=127.0.0.1:${port}`, queue: tcp, queueLimit: 4 },
    {
      name: `127.0.0.1:${port}`,
      option: `--port=127.0.0.1:u${port}`,
      queue: undefined,
      queueLimit: undefined,
    },
    { name: path, option: `--path=${path}`, queue: unix, queueLimit: 4 },
  ];
  expect(socketQueues(opened.listeners)).toEqual(reported(0, 0));
  const clients = [connect({ host: '127.0.0.1', port }), connect({ path }), connect({ path })];
  await Promise.all(clients.map((client: Socket) => once(client, 'connect')));
  expect(socketQueues(opened.listeners)).toEqual(reported(1, 2));
  for (const client of clients) client.destroy();
});
