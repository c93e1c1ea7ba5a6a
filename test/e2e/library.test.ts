import { once } from 'node:events';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { ask, askUdp } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { installLibrary } from '../support/install-library.ts';
import { attemptRequest } from '../support/request.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';

const file = (name: string) => fileURLToPath(new URL(`../workers/${name}`, import.meta.url));
const esm = (...words: string[]) => ['--', process.execPath, file('library.mjs'), ...words];
const commonJs = ['--', process.execPath, file('library.cjs')];
const { name } = packageJson;
const answersWhenItMay = `
import { existsSync } from 'node:fs';
import { serve } from '${name}';
await serve((_, answer) => {
  console.error('asked');
  const end = () => answer.end('generation ' + process.env.SERVER_STARTER_GENERATION);
  const waiting = setInterval(() => existsSync('may-answer') && end(clearInterval(waiting)), 5);
});
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

it('answers the request in its hands when a stop follows a deploy, and TERM comes twice', async () => {
  using dir = tempDir();
  installLibrary(dir);
  writeFileSync(dir.join('app.mjs'), answersWhenItMay);
  const port = await freePort();
  const options = [`--port=127.0.0.1:${port}`, `--dir=${dir.path}`, '--ready=notify'];
  await using superdaemon = startSuperdaemon([...options, '--', process.execPath, dir.join('app.mjs')]);
  await superdaemon.waitForLine('starting new worker');
  const answer = attemptRequest({ port }, 30_000);
  await superdaemon.waitForLine('asked');
  superdaemon.signal('SIGHUP');
  await superdaemon.waitForLine(/sending TERM to old workers:\d+$/);
  superdaemon.signal('SIGTERM');
  await superdaemon.waitForLine('received TERM, sending TERM to all workers');
  writeFileSync(dir.join('may-answer'), '');
  expect(await answer).toMatchObject({ outcome: 'ok', generation: 1 });
  expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
});

it('says what to do when another Node between the superdaemon and the program has closed the socket', async () => {
  const script =
    "require('node:child_process').spawnSync(process.argv0, process.argv.slice(1), { stdio: 'inherit' })";
  const between = ['--', process.execPath, '-e', script, ...esm('net').slice(2)];
  await using superdaemon = startSuperdaemon(['--port=127.0.0.1:0', ...between]);
  await superdaemon.waitForLine(
    /Error: descriptor 3 is not the socket any more: .*: --as=node, or run node itself$/,
  );
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

it('says what to do when the socket is of another kind than the server', async () => {
  await using superdaemon = startSuperdaemon(['--port=127.0.0.1:u0', ...esm('net')]);
  await superdaemon.waitForLine(
    /Error: descriptor 3 is another kind of socket: datagram sockets .* node:dgram/,
  );
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
