import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  type ClientHttp2Session,
  connect as connectHttp2,
  createServer as createHttp2Server,
} from 'node:http2';
import {
  type AddressInfo,
  connect,
  createServer as createNetServer,
  type Server as NetServer,
} from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it, vi } from 'vitest';
import { listen, retire } from '../../src/library/index.ts';

it('answers a connection that has not sent a byte yet, and closes it', async () => {
  const { server, port } = await listening(createServer((_, answer) => answer.end('late')));
  const client = connect(port);
  await once(server, 'connection');
  const closed = retire(server);
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  expect(await text(client)).toMatch(/\r\nConnection: close\r\n.*late$/s);
  await closed;
});

it('answers the next request on an idle kept-alive connection, as the last one', async () => {
  const { server, port } = await listening(createServer((_, answer) => answer.end()));
  using client = keepAlive(port);
  expect((await client.ask()).headers.connection).toBe('keep-alive');
  const closed = retire(server);
  const last = await client.ask();
  expect([last.headers.connection, client.sockets()]).toEqual(['close', 1]);
  await closed;
});

it('lets a request under way come to its end, and takes no new connection', async () => {
  const { server, port } = await listening(createServer({ keepAliveTimeout: 50 }));
  using client = keepAlive(port);
  const answer = client.ask();
  const [, response] = await once(server, 'request');
  const closed = retire(server);
  await expect(once(connect(port), 'connect')).rejects.toThrow('ECONNREFUSED');
  response.end();
  expect((await answer).statusCode).toBe(200);
  await closed;
});

it('lets an idle connection end by the keepAliveTimeout of the server', async () => {
  const { server, port } = await listening(
    createServer({ keepAliveTimeout: 50 }, (_, answer) => answer.end()),
  );
  using client = keepAlive(port);
  await client.ask();
  await retire(server);
});

it('may be told again: nothing changes, and it is the same promise', async () => {
  const { server } = await listening(createServer());
  const closed = retire(server);
  expect(retire(server, { limitMs: 0 })).toBe(closed);
  await closed;
});

it.each([
  [undefined, 'retire takes a server of net, tls, http, https or http2, not undefined'],
  [null, 'retire takes a server of net, tls, http, https or http2, not null'],
  [{}, 'retire takes a server of net, tls, http, https or http2, not something else'],
  [() => {}, 'retire takes the server, not a function'],
])('refuses %s in a sentence', (server, sentence) => {
  expect(() => retire(server as unknown as NetServer)).toThrow(new RegExp(`^${sentence}`));
});

it.each<[string, () => NetServer]>([
  ['http', () => createServer()],
  ['net', () => createNetServer()],
  ['http2', () => createHttp2Server()],
])('cuts what is left of a server of %s at the limit', async (_, create) => {
  const { server, port } = await listening(create());
  const client = connect(port);
  const cut = once(client.resume(), 'close');
  await once(server, 'connection');
  await retire(server, { limitMs: 1 });
  await cut;
});

it('cuts an upgraded connection at the limit', async () => {
  const { server, port } = await listening(createServer().on('upgrade', () => {}));
  const client = connect(port);
  client.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
  await once(server, 'upgrade');
  const cut = once(client.resume(), 'close');
  await retire(server, { limitMs: 1 });
  await cut;
});

it('cuts nothing without a limit', async () => {
  const { server, port } = await listening(createServer((_, answer) => answer.end('late')));
  const client = connect(port);
  await once(server, 'connection');
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const closed = retire(server, { limitMs: Number.POSITIVE_INFINITY });
  vi.advanceTimersByTime(60_000);
  vi.useRealTimers();
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  expect(await text(client)).toMatch(/late$/);
  await closed;
});

it('closes a server that only begins to listen afterwards', async () => {
  const server = createServer();
  retire(server);
  await listen(server, 0);
  expect(server.listening).toBe(false);
});

it('answers all requests that a client has sent in a row, and closes behind the last one', async () => {
  const waiting: ServerResponse[] = [];
  const { server, port } = await listening(createServer((_, answer) => void waiting.push(answer)));
  const client = connect(port);
  const answers = text(client);
  const ask = async (count: number) => {
    client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(count));
    await vi.waitFor(() => expect(waiting).toHaveLength(count));
    return waiting.splice(0);
  };
  const before = await ask(3);
  const closed = retire(server);
  const after = await ask(2);
  for (const answer of [...before, ...after]) answer.end();
  expect((await answers).match(/^(HTTP\/1.1 200|Connection: close)/gm)).toEqual([
    ...Array<string>(5).fill('HTTP/1.1 200'),
    'Connection: close',
  ]);
  await closed;
});

it('closes behind the last of the requests that a client had sent in a row before', async () => {
  const waiting: ServerResponse[] = [];
  const { server, port } = await listening(createServer((_, answer) => void waiting.push(answer)));
  const client = connect(port);
  const answers = text(client);
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(3));
  await vi.waitFor(() => expect(waiting).toHaveLength(3));
  const closed = retire(server);
  for (const answer of waiting) {
    answer.end();
    await once(answer, 'finish');
  }
  expect((await answers).match(/^(HTTP\/1.1 200|Connection: close)/gm)).toEqual([
    ...Array<string>(3).fill('HTTP/1.1 200'),
    'Connection: close',
  ]);
  await closed;
});

it('ends an http2 session by GOAWAY, behind all the requests that have come', async () => {
  const { server, port } = await listening(createHttp2Server((_, answer) => answer.end('answer')));
  const session = connectHttp2(`http://localhost:${port}`);
  expect(await askTwice(session)).toEqual(['answer', 'answer']);
  const goaway = once(session, 'goaway');
  const closed = retire(server);
  expect(await askTwice(session)).toEqual(['answer', 'answer']);
  expect((await goaway)[0]).toBe(0);
  await closed;
});

it('ends a quiet http2 session by GOAWAY after 5 s', async () => {
  const { server, port } = await listening(createHttp2Server((_, answer) => answer.end('answer')));
  const session = connectHttp2(`http://localhost:${port}`);
  await askTwice(session);
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const closed = retire(server);
  const goaway = once(session, 'goaway');
  vi.advanceTimersByTime(5_000);
  vi.useRealTimers();
  expect((await goaway)[0]).toBe(0);
  await closed;
});

function askTwice(session: ClientHttp2Session): Promise<string[]> {
  return Promise.all([text(session.request()), text(session.request())]);
}

async function listening<T extends NetServer>(server: T): Promise<{ server: T; port: number }> {
  await listen(server, { fallback: { port: 0, host: 'localhost' } });
  return { server, port: (server.address() as AddressInfo).port };
}

/** A client that stays on one connection as long as it may. */
function keepAlive(port: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const seen = new Set<unknown>();
  const ask = async (): Promise<IncomingMessage> => {
    const request = get({ port, agent });
    request.on('socket', (socket) => seen.add(socket));
    const [response] = await once(request, 'response');
    await text(response);
    return response;
  };
  return { ask, sockets: () => seen.size, [Symbol.dispose]: () => agent.destroy() };
}
