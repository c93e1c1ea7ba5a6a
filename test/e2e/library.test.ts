import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { ask, askUdp } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';

const file = (name: string) => fileURLToPath(new URL(`../workers/${name}`, import.meta.url));
const esm = (...words: string[]) => ['--', process.execPath, file('library.mjs'), ...words];
const commonJs = ['--', process.execPath, file('library.cjs')];
const root = fileURLToPath(new URL('../..', import.meta.url));
const typedProgram = `
import { createServer, type Server } from 'node:http';
import { createSocket, type Socket } from 'node:dgram';
import { listen, ready, serverPorts } from 'start-server';
export const fd: number | undefined = serverPorts().get('8080');
export const server: Promise<Server> = listen(createServer(), process.env.PORT ?? 3000);
export const socket: Promise<Socket> = listen(createSocket('udp4'), { name: '53', fallback: { port: 53 } });
export const told: boolean = ready('warm');
// @ts-expect-error a name is text
listen(createServer(), { name: 8080 });
`;

describe('a program that imports the library', () => {
  it('serves the port that it inherits, in each generation', async () => {
    const port = await freePort();
    await using superdaemon = startSuperdaemon([`--port=127.0.0.1:${port}`, ...esm('net')]);
    await superdaemon.waitForLine('listens, and told somebody: false');
    expect(await ask({ port })).toMatchObject({ generation: 1 });
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(/^old worker \d+ died, status:0$/);
    expect(await ask({ port })).toMatchObject({ generation: 2 });
  });

  it('serves the Unix socket that it names, of several', async () => {
    using dir = tempDir();
    const [one, two] = [dir.join('a=b'), dir.join('two')];
    await using superdaemon = startSuperdaemon([`--path=${one}`, `--path=${two}`, ...esm('net', one)]);
    await superdaemon.waitForLine('listens');
    expect(await ask({ path: one })).toMatchObject({ generation: 1 });
  });

  it('may be CommonJS, and serve every socket', async () => {
    using dir = tempDir();
    const port = await freePort();
    const listeners = [`--port=127.0.0.1:${port}`, `--path=${dir.join('sock')}`];
    await using superdaemon = startSuperdaemon([...listeners, ...commonJs]);
    await superdaemon.waitForLine('listens');
    const [tcp, unix] = [await ask({ port }), await ask({ path: dir.join('sock') })];
    expect(unix).toEqual(tcp);
  });

  it('answers datagrams', async () => {
    const port = await freePort();
    await using superdaemon = startSuperdaemon([`--port=127.0.0.1:u${port}`, ...esm('dgram')]);
    await superdaemon.waitForLine('listens');
    expect(await askUdp(port)).toMatchObject({ generation: 1 });
  });

  it('listens on its own port without a superdaemon', async () => {
    const port = await freePort();
    const [, command = '', ...words] = esm('net');
    await using program = execa(command, words, { env: { FALLBACK: String(port) }, stderr: 'ignore' });
    program.catch(() => {});
    expect(await eventually(() => ask({ port }))).toEqual({ generation: 0, pid: program.pid });
    program.kill();
  });

  it('may be a cluster, whose primary has the socket', async () => {
    const port = await freePort();
    const cluster = ['--', process.execPath, file('library-cluster.mjs')];
    await using superdaemon = startSuperdaemon([`--port=127.0.0.1:${port}`, ...cluster]);
    const pids = new Set<number>();
    await eventually(async () => expect(pids.add((await ask({ port })).pid).size).toBe(2));
    expect(superdaemon.processes()).toEqual(expect.arrayContaining([...pids]));
  });
});

it('keeps the length of the queue that the superdaemon chose: as many as may wait do, beyond the 511 of Node', async () => {
  using dir = tempDir();
  const path = dir.join('sock');
  await using superdaemon = startSuperdaemon([`--path=${path}`, ...esm('net')]);
  await superdaemon.waitForLine('listens');
  const { pid } = await ask({ path });
  process.kill(pid, 'SIGSTOP');
  const waiting = Array.from({ length: 600 }, () => connect({ path }));
  await Promise.all(waiting.map((socket) => once(socket, 'connect')));
  for (const socket of waiting) socket.destroy();
  expect(superdaemon.processes()).toContain(pid);
});

it('writes its readiness to the pipe whose number it is given', async () => {
  using dir = tempDir();
  await execa('mkfifo', [dir.join('pipe')]);
  const pipe = openSync(dir.join('pipe'), 'r+');
  const options = { descriptors: [pipe], env: { NOTIFY_FD: '3' } };
  await using superdaemon = startSuperdaemon(['--port=127.0.0.1:0', ...esm('net')], options);
  await superdaemon.waitForLine('listens, and told somebody: true');
  const copy = await execa('head', ['-c1'], { stdin: pipe as 9, stripFinalNewline: false });
  expect(copy.stdout).toBe('\n');
  closeSync(pipe);
});

it('is typed, for ESM and CommonJS', async () => {
  using dir = tempDir();
  mkdirSync(dir.join('node_modules'));
  symlinkSync(root, dir.join('node_modules/start-server'));
  for (const name of ['esm.mts', 'common.cts']) writeFileSync(dir.join(name), typedProgram);
  const flags = ['--ignoreConfig', '--noEmit', '--strict', '--module', 'nodenext', '--types', 'node'];
  const types = ['--typeRoots', `${root}/node_modules/@types`];
  const compiler = `${root}/node_modules/.bin/tsc`;
  const run = execa(compiler, [...flags, ...types, 'esm.mts', 'common.cts'], {
    cwd: dir.path,
    reject: false,
  });
  expect((await run).stdout).toBe('');
});

it('is small, and loads nothing of the superdaemon', () => {
  const library = readFileSync(fileURLToPath(new URL('../../dist/index.cjs', import.meta.url)), 'utf8');
  expect(library.length).toBeLessThan(8_000);
  const loaded = [...library.matchAll(/\brequire\("(.*?)"\)|\bimport\(/g)].map(([, name]) => name);
  expect(loaded).toEqual(['node:events', 'node:fs']);
});
