import { closeSync, writeSync } from 'node:fs';
import { expect, it } from 'vitest';
import { connectControl } from '../../src/control/connection.ts';
import { openControlSocket } from '../../src/control/control-socket.ts';
import { connectToControl } from '../../src/control/find-socket.ts';
import { controlPrefix, lineOf, PROTOCOL } from '../../src/control/protocol.ts';
import { eventually } from '../support/eventually.ts';

const worker = { generation: 1, pid: 2, phase: 'current', ageMs: 3 } as const;
const running = { pid: process.pid, pidFileIdentity: `test:${process.pid}` };

function open(words: string) {
  const asked: string[] = [];
  const socket = openControlSocket(controlPrefix(running.pidFileIdentity), {
    unchanged: () => undefined,
    hello: (request) => ({ ...about(request), workers: [{ ...worker, status: words }] }),
    deploy: (request) => void asked.push(`deploy ${request}`),
    reconfigure: () => {},
    cancel: (request) => void asked.push(`cancel ${request}`),
    scale: (request) => void asked.push(`scale ${request}`),
    upgrade: () => void asked.push('upgrade'),
  });
  return { ...socket, asked };
}

it('the control socket answers with more than fits into its buffer, whole', async () => {
  const words = `${'\u20ac\u001b'.repeat(400_000)}.`;
  using _socket = open(words);
  using connection = await connectControl(running, 'status');
  expect(connection?.hello.workers[0]?.status === words).toBe(true);
});

it('a client that hangs up before it is heard has asked for nothing', async () => {
  using socket = open('');
  const fd = connectToControl(running);
  if (typeof fd !== 'number') throw new Error('not connected');
  writeSync(fd, lineOf({ protocol: PROTOCOL, request: 'deploy' }));
  closeSync(fd);
  using connection = await connectControl(running, 'cancel');
  expect(connection?.hello.request).toBe(2);
  expect(socket.asked).toEqual(['cancel 2']);
});

it('a request is understood as it was meant, wherever the kernel cuts it up', async () => {
  const asked: string[][] = [];
  using _socket = openControlSocket(controlPrefix(running.pidFileIdentity), {
    ...{ hello: (request) => ({ ...about(request), workers: [] }), unchanged: () => undefined },
    ...{ deploy: nobody, cancel: nobody, scale: nobody, upgrade: nobody },
    reconfigure: (_, { words }) => void asked.push([...words]),
  });
  const fd = connectToControl(running);
  if (typeof fd !== 'number') throw new Error('not connected');
  const begin = '{"protocol":1,"request":"reconfigure","commandLine":{"directory":"/","words":["';
  // Whatever the size of a block is: each second byte is within a character.
  const word = '\u00fc'.repeat(9000);
  writeSync(fd, `${begin}${word}"]}}\n`);
  await eventually(() => expect(asked.length).toBe(1));
  closeSync(fd);
  expect(asked[0]?.[0] === word).toBe(true);
});

it('a client finds no control socket where there is none', async () => {
  expect(await connectControl(running, 'deploy')).toBeUndefined();
});

it('a client that wants to ask again is answered over the same connection, as often as it asks', async () => {
  using _socket = open('warm');
  using connection = await connectControl(running, { request: 'status', again: true });
  for (const _ of [1, 2, 3]) {
    // Its number is that of the connection.
    expect(await connection?.again()).toMatchObject({ request: 1, workers: [{ status: 'warm' }] });
  }
});

it('one that does not is told once, and hung up on', async () => {
  using _socket = open('warm');
  using connection = await connectControl(running, 'status');
  expect(await connection?.again()).toBeUndefined();
});

it('one that asks again is not sent workers that it has, and has them all the same', async () => {
  let revision = 'a/1';
  using _socket = openControlSocket(controlPrefix(running.pidFileIdentity), {
    hello: (request) => ({ ...about(request), revision, workers: [{ ...worker, status: revision }] }),
    unchanged: (request, known) =>
      known === revision ? { ...about(request), revision, log: 'unchanged' } : undefined,
    ...{ deploy: nobody, cancel: nobody, scale: nobody, upgrade: nobody, reconfigure: nobody },
  });
  using connection = await connectControl(running, { request: 'status', again: true });
  for (const _ of [1, 2])
    expect(await connection?.again()).toMatchObject({ log: 'unchanged', workers: [{ status: 'a/1' }] });
  // As after an upgrade, and as before one that this superdaemon knows nothing of.
  revision = 'b/1';
  expect(await connection?.again()).toMatchObject({ workers: [{ status: 'b/1' }] });
  expect(await connection?.again()).toMatchObject({ log: 'unchanged', workers: [{ status: 'b/1' }] });
});

function about(request: number) {
  return { protocol: PROTOCOL, version: '1', pid: process.pid, request };
}

function nobody(): void {}
