import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { isOpen, setBlocking } from '../../src/posix/file/descriptor.ts';
import { identityAt } from '../../src/posix/file/own-file.ts';
import type { ActivatedSocket } from '../../src/sockets/activation.ts';
import { ownSockets } from '../../src/sockets/orphaned-sockets.ts';
import { parsePath, parsePort } from '../../src/sockets/socket-spec.ts';
import { isStored, storeName, withStored } from '../../src/sockets/stored-sockets.ts';
import { isNonBlocking } from '../support/proc.ts';
import { tempDir } from '../support/temp-dir.ts';

const nobody = ownSockets(() => []);
const how = { backlog: 5, blocking: true };

function stored(fdName: string, address: ActivatedSocket['address']): ActivatedSocket {
  const fd = openSync('/dev/null', 'r');
  return { fd, type: 'datagram', address, dualStack: false, fdName, option: 'LISTEN_FDS=1' };
}

it('a socket is stored under a name that the service manager takes, and known by it', () => {
  const names = [parsePort('80'), parsePort('[::1]:u53')].map((spec) => storeName({ spec, file: undefined }));
  expect(names).toEqual(['start-server/tcp/0.0.0.0/80', 'start-server/udp/__1/53']);
  const unix = storeName({ spec: parsePath('/run/ü:x'), file: '1:22:333.5' });
  expect(unix).toBe('start-server/unix/1_22_333.5');
  const named = (fdName: string | undefined) => ({
    ...stored('', { family: 'ipv4', host: '', port: 1 }),
    fdName,
  });
  expect([...names, 'app.socket', undefined].map((name) => isStored(named(name)))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

it('a stored socket serves the option of its address, once; what no option names is closed', () => {
  const at = (port: number) =>
    stored(`start-server/udp/0.0.0.0/${port}`, { family: 'ipv4', host: '0.0.0.0', port });
  const [named, other] = [at(53), at(54)];
  const spec = parsePort('u53');
  const sockets = withStored(nobody, [named, other], [spec], how);
  expect([sockets.take(spec), sockets.take(spec)]).toEqual([named.fd, undefined]);
  sockets[Symbol.dispose]();
  expect([isOpen(named.fd), isOpen(other.fd)]).toEqual([true, false]);
  closeSync(named.fd);
});

it('a rehearsal leaves a stored socket as it is', () => {
  const socket = stored('start-server/udp/0.0.0.0/53', { family: 'ipv4', host: '0.0.0.0', port: 53 });
  setBlocking(socket.fd, false);
  const spec = parsePort('u53');
  const take = (more: { rehearsal?: true }) =>
    withStored(nobody, [socket], [spec], { ...how, ...more }).take(spec);
  take({ rehearsal: true });
  expect(isNonBlocking(process.pid, socket.fd)).toBe(true);
  take({});
  expect(isNonBlocking(process.pid, socket.fd)).toBe(false);
  closeSync(socket.fd);
});

it('a stored Unix socket whose file is gone, or another one, nobody could connect to: it is not used', async () => {
  using dir = tempDir();
  const [path, spec] = [dir.join('s'), parsePath(dir.join('s'))];
  const server = createServer().listen(path);
  await new Promise((listening) => server.on('listening', listening));
  const socket = (file: string): ActivatedSocket => {
    const name = storeName({ spec, file });
    return { ...stored(name, { family: 'unix', path: Buffer.from(path) }), type: 'stream' };
  };
  using other = withStored(nobody, [socket('1:2:3')], [spec], how);
  expect(other.take(spec)).toBeUndefined();
  const file = identityAt(path);
  await new Promise((closed) => server.close(closed));
  using gone = withStored(nobody, [socket(file)], [spec], how);
  expect(gone.take(spec)).toBeUndefined();
});
