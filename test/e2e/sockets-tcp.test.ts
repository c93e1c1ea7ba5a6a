import { describe, expect, it } from 'vitest';
import { ask } from '../support/client.ts';
import { freePort } from '../support/free-port.ts';
import { inheritedSockets, inspect } from '../support/inspect.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { echoNode, echoPerl } from '../support/workers.ts';

describe.each([
  { language: 'Perl', worker: echoPerl },
  { language: 'Node', worker: echoNode },
])('a $language worker', ({ worker }) => {
  it('serves a bare port on every IPv4 address', async () => {
    const port = await freePort();
    await using superdaemon = startSuperdaemon([`--port=${port}`, '--', ...worker]);
    await superdaemon.waitForLine('starting new worker ');
    expect(await ask({ host: '127.0.0.1', port })).toMatchObject({ generation: 1 });
    expect(await ask({ host: '127.0.0.2', port })).toMatchObject({ generation: 1 });
  });

  it('serves IPv6', async () => {
    const port = await freePort();
    await using superdaemon = startSuperdaemon([`--port=[::1]:${port}`, '--', ...worker]);
    await superdaemon.waitForLine('starting new worker ');
    expect(await ask({ host: '::1', port })).toMatchObject({ generation: 1 });
  });
});

describe('--port', () => {
  it.each([
    { text: 'PORT', name: 'PORT', address: '0.0.0.0:PORT' },
    { text: '0PORT', name: '0PORT', address: '0.0.0.0:PORT' },
    { text: ' PORT ', name: 'PORT', address: '0.0.0.0:PORT' },
    { text: '127.0.0.1:PORT', name: '127.0.0.1:PORT', address: '127.0.0.1:PORT' },
    { text: ' 127.0.0.1: PORT ', name: '127.0.0.1:PORT', address: '127.0.0.1:PORT' },
    { text: '127.1:PORT', name: '127.1:PORT', address: '127.0.0.1:PORT' },
    { text: 'localhost:PORT', name: 'localhost:PORT', address: '127.0.0.1:PORT' },
    { text: '[localhost]:PORT', name: 'localhost:PORT', address: '127.0.0.1:PORT' },
    { text: '[::1]:PORT', name: '[::1]:PORT', address: '[::1]:PORT' },
    { text: '::1:PORT', name: '[::1]:PORT', address: '[::1]:PORT' },
    { text: '[::]:PORT', name: '[::]:PORT', address: '[::]:PORT' },
    { text: '[ ::1]:PORT', name: '[::1]:PORT', address: '[::1]:PORT' },
  ])('"$text" is listed as $name and bound to $address', async ({ text, name, address }) => {
    const port = String(await freePort());
    const { report } = await inspect([`--port=${text.replace('PORT', port)}`]);
    const [socket, ...others] = inheritedSockets(report);
    expect(others).toEqual([]);
    expect(socket?.name).toBe(name.replace('PORT', port));
    expect(socket?.descriptor.socket).toMatchObject({
      address: address.replace('PORT', port),
      type: 'stream',
      listening: true,
    });
    expect(report.environment.SERVER_STARTER_PORT).toBe(`${socket?.name}=${socket?.fd}`);
  });

  it('0 takes any free port, and is listed as 0', async () => {
    const { report } = await inspect(['--port=0', '--port=127.0.0.1:0']);
    const [bare, withHost] = inheritedSockets(report);
    expect([bare?.name, withHost?.name]).toEqual(['0', '127.0.0.1:0']);
    expect(bare?.descriptor.socket?.address).toMatch(/^0\.0\.0\.0:[1-9]\d+$/);
    expect(withHost?.descriptor.socket?.address).toMatch(/^127\.0\.0\.1:[1-9]\d+$/);
  });

  it('lists the sockets in the order of the command line, ports before paths', async () => {
    using dir = tempDir();
    const [first, second] = [await freePort(), await freePort()];
    const { report } = await inspect([
      `--path=${dir.join('a')}`,
      `--port=${first}`,
      `--path=${dir.join('b')}`,
      `--port=127.0.0.1:${second}`,
    ]);
    const names = inheritedSockets(report).map(({ name }) => name);
    expect(names).toEqual([`${first}`, `127.0.0.1:${second}`, dir.join('a'), dir.join('b')]);
  });
});

describe('the sockets', () => {
  it('are blocking, at numbers from 3 up', async () => {
    using dir = tempDir();
    const { report } = await inspect(['--port=0', '--port=u0', '--port=[::1]:0', `--path=${dir.join('s')}`]);
    const sockets = inheritedSockets(report);
    expect(sockets).toHaveLength(4);
    expect(sockets.filter(({ descriptor }) => descriptor.nonBlocking)).toEqual([]);
    expect(sockets.filter(({ fd }) => fd < 3)).toEqual([]);
    expect(new Set(sockets.map(({ fd }) => fd)).size).toBe(4);
  });

  it('for IPv6 leave the same IPv4 port free', async () => {
    const port = await freePort();
    const { report } = await inspect([`--port=[::]:${port}`, `--port=${port}`]);
    const states = inheritedSockets(report).map(({ descriptor }) => descriptor.socket);
    expect(states).toMatchObject([
      { address: `[::]:${port}`, ipv6Only: true },
      { address: `0.0.0.0:${port}` },
    ]);
  });

  it('are 500 when 500 are asked for', async () => {
    using dir = tempDir();
    const ports = Array.from({ length: 250 }, () => '--port=127.0.0.1:0');
    const paths = Array.from({ length: 250 }, (_, index) => `--path=${dir.join(`s${index}`)}`);
    const { report } = await inspect([...ports, ...paths]);
    const sockets = inheritedSockets(report);
    expect(sockets).toHaveLength(500);
    expect(sockets.filter(({ descriptor }) => descriptor.socket?.listening !== true)).toEqual([]);
    expect(new Set(sockets.map(({ descriptor }) => descriptor.socket?.address)).size).toBe(500);
  });

  it('can be bound again at once after a stop, connections in TIME_WAIT or not', async () => {
    const port = await freePort();
    for (const _ of ['first', 'second']) {
      await using superdaemon = startSuperdaemon(['--interval=0', `--port=${port}`, '--', ...echoPerl]);
      await superdaemon.waitForLine('starting new worker ');
      await ask({ host: '127.0.0.1', port });
      superdaemon.signal('SIGTERM');
      expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    }
  });
});
