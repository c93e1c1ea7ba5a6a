import { createSocket } from 'node:dgram';
import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { listen, ready, serverPorts } from '../../src/library/index.ts';
import { tempDir } from '../support/temp-dir.ts';

const express = createRequire(import.meta.url)('express');
const inherited = (text: string | undefined) => vi.stubEnv('SERVER_STARTER_PORT', text);

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('serverPorts', () => {
  it.each<[string, [string, number][]]>([
    ['', []],
    ['8080=3', [['8080', 3]]],
    [
      '127.0.0.1:80=3;[::1]:80=4;/a b.sock=10',
      [
        ['127.0.0.1:80', 3],
        ['[::1]:80', 4],
        ['/a b.sock', 10],
      ],
    ],
    ['/a=b.sock=4', [['/a=b.sock', 4]]],
    ['80=0', [['80', 0]]],
  ])('reads %j', (text, entries) => {
    inherited(text);
    expect([...serverPorts()]).toEqual(entries);
  });

  it.each([
    '8080',
    '=3',
    '8080=',
    '8080=x',
    '8080=-1',
    '8080=3;',
    ';',
    '8080=3;x',
    '8080=3.5',
  ])('refuses %j, and shows what it cannot read', (text) => {
    inherited(text);
    expect(serverPorts).toThrow(/^SERVER_STARTER_PORT: ".*" is not name=fd$/);
  });

  it('refuses two sockets of one name, since a program could not tell them apart', () => {
    inherited('53=3;53=4');
    expect(serverPorts).toThrow('SERVER_STARTER_PORT: two sockets have the name 53');
  });

  it('says that there is no superdaemon when nobody has set the variable', () => {
    inherited(undefined);
    expect(serverPorts).toThrow('SERVER_STARTER_PORT is not set: not started by a superdaemon');
  });
});

describe('listen without a superdaemon', () => {
  it('listens on the port of the fallback', () => listensOn(0));
  it('takes a port as text, as it comes from the environment', () => listensOn('0'));
  it('takes the options that server.listen takes', () =>
    listensOn({ fallback: { port: 0, host: '127.0.0.1' } }));
  it('does not mind the name of a socket', () => listensOn({ name: '8080', fallback: 0 }));

  it('listens on the path of the fallback', async () => {
    using dir = tempDir();
    await using server = createServer();
    await listen(server, dir.join('sock'));
    expect(server.address()).toBe(dir.join('sock'));
  });

  it.each([
    0,
    '0',
    { fallback: { port: 0, address: '127.0.0.1' } },
  ])('binds a datagram socket to %j', async (fallback) => {
    inherited(undefined);
    const socket = await listen(createSocket('udp4'), fallback);
    expect(socket.address().port).toBeGreaterThan(0);
    socket.close();
  });

  it('fails without a fallback', async () => {
    inherited(undefined);
    await expect(listen(createServer())).rejects.toThrow('nowhere to listen');
    await expect(listen(createServer(), undefined)).rejects.toThrow('nowhere to listen');
  });

  it('fails as the server does when the fallback is taken', async () => {
    await using server = createServer();
    using dir = tempDir();
    await listen(server, dir.join('sock'));
    await expect(listen(createServer(), dir.join('sock'))).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('listen under a superdaemon', () => {
  it.each<[string, string | undefined, string]>([
    ['80=3;81=4', undefined, 'which socket? name one of: 80, 81'],
    ['80=3;81=4', '82', 'no socket 82; there are: 80, 81'],
    ['80=3', '82', 'no socket 82; there are: 80'],
    ['', undefined, 'no socket was inherited; there are: none'],
  ])('with %j never guesses, nor takes the fallback, for the name %s', async (text, name, message) => {
    inherited(text);
    const where = { ...(name === undefined ? {} : { name }), fallback: 0 };
    await expect(listen(createServer(), where)).rejects.toThrow(message);
  });

  it.each(['closed', '/dev/null'])('says what to do when the descriptor is no socket: %s', async (file) => {
    const fd = file === 'closed' ? 999_999 : openSync(file, 'r');
    inherited(`80=${fd}`);
    const sentence = `descriptor ${fd} is not the socket any more: something between start-server and this program has closed it (npm, npx, tsx, sudo): --as=node, or run node itself`;
    await expect(listen(createServer())).rejects.toThrow(sentence);
    await expect(listen(createServer())).rejects.toMatchObject({
      code: 'EINVAL',
      cause: { code: 'EINVAL' },
    });
    const socket = createSocket('udp4');
    await expect(listen(socket)).rejects.toThrow(sentence);
    socket.close();
    if (file !== 'closed') closeSync(fd);
  });

  it('does not let a datagram socket end up on a port of chance', async () => {
    inherited('80=0');
    const socket = createSocket('udp4');
    await expect(listen(socket)).rejects.toThrow('descriptor 0');
    socket.close();
  });
});

describe('ready', () => {
  it.each([undefined, ''])('tells nobody when nobody has asked: NOTIFY_FD is %j', (value) => {
    vi.stubEnv('NOTIFY_FD', value);
    expect(ready()).toBe(false);
  });

  it.each([
    'x',
    '-1',
    '3 ',
    '999999',
    '1e1',
    '/dev/null',
  ])('refuses NOTIFY_FD=%j, which is no open pipe', (value) => {
    vi.stubEnv('NOTIFY_FD', value);
    expect(ready).toThrow(`NOTIFY_FD=${value} is not an open pipe`);
  });
});

describe('listen, given what is no server', () => {
  const listenTo = listen as (server: unknown) => Promise<unknown>;

  it('says to a function how an application is served', async () => {
    await expect(listenTo(express())).rejects.toThrow(
      'not a function: serve(app), or listen(createServer(app))',
    );
  });

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [{}, 'something else'],
    ['app', 'something else'],
  ])('says what it takes, to %j', async (given, named) => {
    const takes = 'listen takes a server of net, tls, http, https or http2, or a dgram socket, not';
    await expect(listenTo(given)).rejects.toThrow(`${takes} ${named}`);
  });
});

async function listensOn(where: Parameters<typeof listen>[1]): Promise<void> {
  inherited(undefined);
  await using server = createServer();
  expect(await listen(server, where)).toBe(server);
  expect(server.address()).toMatchObject({ port: expect.any(Number) });
}
