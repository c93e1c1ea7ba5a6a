import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { portHolder } from '../../src/sockets/port-holder.ts';

it('a port is held by whoever listens at it, not by one that a connection has as its own end', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect(port, '127.0.0.1');
  await once(client, 'connect');
  const holder = (of: number) => portHolder('tcp', { family: 'ipv4', host: '127.0.0.1', port: of });
  expect(holder(port)).toBe('another option of ours');
  expect(holder(client.localPort ?? 0)).toBe(undefined);
  client.destroy();
  server.close();
});
