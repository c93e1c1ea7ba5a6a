import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { askUdp } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { inheritedSockets, inspect } from '../support/inspect.ts';
import { itOurs } from '../support/ours.ts';
import { freeze, waitingDatagramBytes } from '../support/proc.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { echoPerl } from '../support/workers.ts';

describe('a port with a u before it is UDP', () => {
  it.each([
    { text: 'uPORT', name: 'PORT', address: '0.0.0.0:PORT' },
    { text: ' uPORT ', name: 'PORT', address: '0.0.0.0:PORT' },
    { text: '127.0.0.1:uPORT', name: '127.0.0.1:PORT', address: '127.0.0.1:PORT' },
    { text: '127.0.0.1: uPORT', name: '127.0.0.1:PORT', address: '127.0.0.1:PORT' },
    { text: 'localhost:uPORT', name: 'localhost:PORT', address: '127.0.0.1:PORT' },
    { text: '[::1]:uPORT', name: '[::1]:PORT', address: '[::1]:PORT' },
    { text: '::1:uPORT', name: '[::1]:PORT', address: '[::1]:PORT' },
  ])('"$text" is listed as $name, without the u', async ({ text, name, address }) => {
    const port = String(await freePort());
    const { report } = await inspect([`--port=${text.replace('PORT', port)}`]);
    const [socket] = inheritedSockets(report);
    expect(socket).toMatchObject({
      name: name.replace('PORT', port),
      descriptor: { socket: { type: 'datagram', address: address.replace('PORT', port) } },
    });
    expect(report.environment.SERVER_STARTER_PORT).toBe(`${socket?.name}=${socket?.fd}`);
  });

  it('and may have a chosen descriptor', async () => {
    const port = await freePort();
    const { report } = await inspect([`--port=u${port}=9`, `--port=[::1]:u${port}=0`]);
    expect(report.environment.SERVER_STARTER_PORT).toBe(`${port}=9;[::1]:${port}=0`);
    expect(inheritedSockets(report)).toMatchObject([
      { descriptor: { socket: { type: 'datagram', address: `0.0.0.0:${port}` } } },
      { descriptor: { socket: { type: 'datagram', address: `[::1]:${port}` } } },
    ]);
  });

  it('and may have the number of a TCP port', async () => {
    const port = await freePort();
    const { report } = await inspect([`--port=${port}`, `--port=u${port}`]);
    const types = inheritedSockets(report).map(({ name, descriptor }) => [name, descriptor.socket?.type]);
    expect(types).toEqual([
      [`${port}`, 'stream'],
      [`${port}`, 'datagram'],
    ]);
  });
});

describe('a UDP port', () => {
  itOurs('is shared with nobody: no other process, no other superdaemon', async () => {
    const port = await freePort();
    const args = [`--port=127.0.0.1:u${port}`, '--', ...echoPerl];
    await using superdaemon = startSuperdaemon(args);
    await superdaemon.waitForLine('starting new worker ');
    const another = createSocket({ type: 'udp4', reuseAddr: true });
    another.bind(port, '127.0.0.1');
    await expect(once(another, 'listening')).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const second = await run(args);
    expect(second).toMatchObject({ code: 1, leftBehind: 0 });
    expect(second.stderr).toContain(
      `cannot listen: address already in use: superdaemon ${superdaemon.pid} has it`,
    );
  });
});

describe('datagrams', () => {
  it.each(['127.0.0.1', '::1'])('to %s are answered by one generation after the other', async (host) => {
    const port = await freePort();
    const spec = host === '::1' ? `[::1]:u${port}` : `u${port}`;
    await using superdaemon = startSuperdaemon(['--interval=0', `--port=${spec}`, '--', ...echoPerl]);
    await superdaemon.waitForLine('starting new worker ');
    expect(await askUdp(port, host)).toMatchObject({ generation: 1 });
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine('old worker ');
    expect(await askUdp(port, host)).toMatchObject({ generation: 2 });
  });

  it('wait for a stopped worker: the superdaemon reads none', async () => {
    const port = await freePort();
    await using superdaemon = startSuperdaemon([`--port=u${port}`, '--', ...echoPerl]);
    await superdaemon.waitForLine('starting new worker ');
    const worker = await askUdp(port);
    await freeze(worker.pid);
    const replies = Promise.all(Array.from({ length: 10 }, () => askUdp(port)));
    await eventually(() => expect(waitingDatagramBytes(port)).toBeGreaterThan(0));
    process.kill(worker.pid, 'SIGCONT');
    expect(await replies).toEqual(Array.from({ length: 10 }, () => worker));
  });
});
