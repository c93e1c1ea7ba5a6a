// --as=node in the surroundings and with the programs that people have.

import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { publishedGenerations } from '../support/deploy.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { nodeProject } from '../support/node-project.ts';
import { describeOurs } from '../support/ours.ts';
import { attemptRequest } from '../support/request.ts';
import { run } from '../support/run.ts';
import { type SuperdaemonOptions, startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const generation = "'generation ' + process.env.SERVER_STARTER_GENERATION";
const say = (what: string) => `(_, answer) => answer.end(String(${what}))`;
const http = "import http from 'node:http'; import net from 'node:net';";
const serving = (what: string) => `${http} http.createServer(${say(what)}).listen(process.env.PORT);`;

/** What a program answers, deployed by --as=node, and its log. */
async function asNode(
  code: string,
  { options = [], command = [process.execPath, 'app.mjs'], ...others }: Asked = {},
): Promise<{ readonly body: string; readonly log: string }> {
  using project = nodeProject(code);
  const port = await freePort();
  const args = [...quick, `--port=127.0.0.1:${port}`, ...options, '--', ...command];
  await using superdaemon = startSuperdaemon(args, { cwd: project.path, ...others });
  await started(project);
  const answer = await fetch(`http://127.0.0.1:${port}`, { headers: { connection: 'close' } });
  const body = await answer.text();
  superdaemon.signal('SIGTERM');
  expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  expect(superdaemon.processes()).toEqual([]);
  return { body, log: superdaemon.log() };
}

async function eventuallyAnswers(code: string, body: string): Promise<void> {
  using project = nodeProject(code);
  const port = await freePort();
  const options = ['--as=node', `--port=127.0.0.1:${port}`, '--', process.execPath, 'app.mjs'];
  await using _superdaemon = startSuperdaemon(options, { cwd: project.path });
  await eventually(async () => {
    const answer = await fetch(`http://127.0.0.1:${port}`, { headers: { connection: 'close' } });
    expect(await answer.text()).toBe(body);
  });
}

const quick = ['--as=node', '--interval=0', '--status-file=status'];

async function started(dir: TempDir): Promise<void> {
  await eventually(() => expect(publishedGenerations(dir.join('status'))).toEqual([1]));
}

interface Asked extends SuperdaemonOptions {
  readonly options?: readonly string[];
  readonly command?: readonly string[];
}

describeOurs('--as=node', () => {
  it('leads to the program where a link was called, as npm makes them for commands', async () => {
    using project = nodeProject("require('./serving.cjs');", 'command.cjs');
    const code = `require('node:http').createServer(${say("'by a link'")}).listen(process.env.PORT);`;
    writeFileSync(project.join('serving.cjs'), code);
    mkdirSync(project.join('bin'));
    symlinkSync('../command.cjs', project.join('bin/command'));
    const port = await freePort();
    const options = ['--as=node', '--status-file=status', `--port=127.0.0.1:${port}`];
    const args = [...options, '--', process.execPath, 'bin/command'];
    // Node knows the directory of the link from then on.
    writeFileSync(project.join('apm.cjs'), '');
    const env = { NODE_OPTIONS: `--require=${project.join('apm.cjs')}` };
    await using _superdaemon = startSuperdaemon(args, { cwd: project.path, env });
    await started(project);
    expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('by a link');
  });

  it.concurrent('keeps what NODE_OPTIONS has, quotes, spaces and the preload of an APM', async () => {
    using dir = tempDir();
    mkdirSync(dir.join('an "apm"'));
    const apm = dir.join('an "apm"/apm.cjs');
    // As those do: it is there before ours, and takes the same method.
    writeFileSync(
      apm,
      `const { Server } = require('net'); const { listen } = Server.prototype;
      Server.prototype.listen = function (...args) { globalThis.seen = true; return listen.apply(this, args); };`,
    );
    const NODE_OPTIONS = `--no-warnings --require="${apm.replaceAll('"', '\\"')}"`;
    const { body } = await asNode(serving('globalThis.seen'), { env: { NODE_OPTIONS } });
    expect(body).toBe('true');
  });

  it.concurrent('takes NODE_OPTIONS and PORT from the envdir, as it is at each start', async () => {
    using envdir = tempDir();
    writeFileSync(envdir.join('NODE_OPTIONS'), '--stack-trace-limit=3');
    writeFileSync(envdir.join('PORT'), '8');
    const code = `${http} const { port } = new URL('http://' + process.env.SERVER_STARTER_PORT.split('=')[0]);
    http.createServer(${say('[Error.stackTraceLimit, process.env.PORT]')}).listen(port);`;
    const { body } = await asNode(code, { options: [`--envdir=${envdir.path}`] });
    expect(body).toBe('3,8');
  });

  it.concurrent('works where we are installed in a directory with a space and a quote in its name', async () => {
    // The program's real path counts, so it has to be a real file.
    using copied = tempDir();
    const place = `${copied.path}/our "own" place`;
    const copy = [
      'sh',
      '-c',
      'mkdir "$0" && cp -rL "$1/bin" "$1/dist" "$1/package.json" "$0" && ln -s "$1/node_modules" "$0"',
    ];
    const { execa } = await import('execa');
    await execa(copy[0] ?? '', [...copy.slice(1), place, root]);
    const via = ['sh', '-c', 'shift; exec "$0/bin/start-server" "$@"', place];
    expect((await asNode(serving(generation), { via })).body).toBe('generation 1');
  });

  it.concurrent('serves and goes though the file of the preload is no more, because we are installed anew', async () => {
    using dir = tempDir();
    const copy = dir.join('inherit.cjs');
    copyFileSync(`${root}/dist/library/inherit.cjs`, copy);
    const code = `import fs from 'node:fs'; fs.rmSync(${JSON.stringify(copy)}); ${serving(generation)}`;
    // It comes before ours, which then has nothing to do.
    expect((await asNode(code, { env: { NODE_OPTIONS: `--require=${copy}` } })).body).toBe('generation 1');
  });

  it.concurrent('serves and goes in a program that lets its loader load nothing more', async () => {
    const refuse = "Module.prototype._compile = () => { throw new Error('refused'); };";
    const frozen = 'for (const each of Object.values(Module._cache)) Object.freeze(each);';
    const code = `import Module from 'node:module'; ${refuse} ${frozen} ${serving(generation)}`;
    const { body, log } = await asNode(code);
    expect(body).toBe('generation 1');
    expect(log).not.toContain('refused');
    expect(log).toMatch(/status:0$/m);
  });

  it.concurrent('leaves a Node that is older than 18 as it is', async () => {
    const old = "Object.defineProperty(process.versions, 'node', { value: '16.20.2' });";
    using dir = tempDir();
    writeFileSync(dir.join('old.cjs'), old);
    const code = "process.stdout.write(String(Symbol.for('superdaemon.inherit') in globalThis))";
    const { execa } = await import('execa');
    const preloads = ['--require', dir.join('old.cjs'), '--require', `${root}/dist/library/inherit.cjs`];
    const env = { SERVER_STARTER_PORT: '80=100', NODE_OPTIONS: '' };
    expect((await execa(process.execPath, [...preloads, '-e', code], { env })).stdout).toBe('false');
    expect((await execa(process.execPath, [...preloads.slice(2), '-e', code], { env })).stdout).toBe('true');
  });

  it.concurrent('loads no module for servers in a process that makes none', async () => {
    const loaded = "process.moduleLoadList.includes('NativeModule net')";
    const args = (code: string) => ['--require', `${root}/dist/library/inherit.cjs`, '-p', code];
    const { execa } = await import('execa');
    const env = { SERVER_STARTER_PORT: '80=100', NODE_OPTIONS: '' };
    expect((await execa(process.execPath, args(loaded), { env })).stdout).toBe('false');
    const emitting = `new (require('node:events'))(); ${loaded}`;
    expect((await execa(process.execPath, args(emitting), { env })).stdout).toBe('false');
  });

  it.concurrent('says once that a worker is no Node program', async () => {
    const args = ['--as=node', '--ready-timeout=0.5', '--interval=0', '--', 'sleep', '60'];
    await using superdaemon = startSuperdaemon(args);
    await superdaemon.waitForLine('warning: --as=node: no Node program was seen below worker ');
    const after = superdaemon.log().length;
    await superdaemon.waitForLine(/starting new worker/, { after });
    await superdaemon.waitForLine(/is not ready after/, { after });
    expect(superdaemon.log().split('no Node program').length - 1).toBe(1);
  });

  it.concurrent('lets any program serve with --ready=interval', async () => {
    using dir = tempDir();
    const args = [...quick, '--ready=interval', '--', 'sleep', '60'];
    await using _superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await started(dir);
  });

  it.concurrent('refuses --listen-fds, whose numbers do not survive npm', async () => {
    const result = await run(['--as=node', '--listen-fds', '--', 'true']);
    expect(result).toMatchObject({
      code: 1,
      stderr:
        'start-server: --as=node: not with --listen-fds, which puts the sockets where they do not survive npm and the like\n',
    });
  });

  it.concurrent('hands over TCP, IPv6, a Unix socket and UDP, and waits until all of them listen', async () => {
    using project = nodeProject(`${http} import dgram from 'node:dgram';
      const [tcp, six, path, udp] = process.argv.slice(2);
      const app = ${say(generation)};
      http.createServer(app).listen(+tcp, '127.0.0.1');
      http.createServer(app).listen({ port: six, host: '::1' });
      http.createServer(app).listen(path);
      process.on('SIGUSR2', () => {
        const socket = dgram.createSocket('udp4', (_, { port }) => socket.send(${generation}, port, '127.0.0.1'));
        socket.bind(+udp);
      });`);
    const [tcp, six, udp] = [await freePort(), await freePort(), await freePort()];
    const ports = [`--port=127.0.0.1:${tcp}`, `--port=[::1]:${six}`, `--port=127.0.0.1:u${udp}`];
    const options = [...quick, ...ports, '--path=app.sock'];
    const command = [process.execPath, 'app.mjs', String(tcp), String(six), 'app.sock', String(udp)];
    await using superdaemon = startSuperdaemon([...options, '--', ...command], { cwd: project.path });
    const starting = await superdaemon.waitForLine('starting new worker');
    for (const target of [{ port: tcp }, { port: six, host: '::1' }, { path: project.join('app.sock') }]) {
      await eventually(async () => {
        expect(await attemptRequest(target, 5_000)).toEqual({ outcome: 'ok', generation: 1 });
      });
    }
    expect(publishedGenerations(project.join('status'))).toEqual([]);
    process.kill(Number(/\d+$/.exec(starting)?.[0]), 'SIGUSR2');
    await started(project);
    const { createSocket } = await import('node:dgram');
    const socket = createSocket('udp4');
    const answer = new Promise((resolve) => socket.once('message', (text) => resolve(String(text))));
    socket.send('x', udp, '127.0.0.1');
    expect(await answer).toBe('generation 1');
    socket.close();
  });

  it.concurrent('gives who listens on all addresses the sockets of both families', async () => {
    using project = nodeProject(serving(generation));
    const port = await freePort();
    const options = [...quick, `--port=${port}`, `--port=[::]:${port}`];
    await using superdaemon = startSuperdaemon([...options, '--', process.execPath, 'app.mjs'], {
      cwd: project.path,
    });
    await started(project);
    for (const host of ['127.0.0.1', '::1'])
      expect(await attemptRequest({ port, host }, 5_000)).toEqual({ outcome: 'ok', generation: 1 });
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });

  it.concurrent('has PORT name the port where --port names a host, and leaves one alone that is set', async () => {
    const code = `${http} http.createServer(${say('process.env.PORT')})
      .listen(process.env.SERVER_STARTER_PORT.match(/:(\\d+)/)[1]);`;
    expect((await asNode(code)).body).toMatch(/^\d{5}$/);
    expect((await asNode(code, { env: { PORT: 'mine' } })).body).toBe('mine');
  });

  it.concurrent('warns once of a PORT that is none of ours, and again when the envdir has another', async () => {
    const place = 'process.env.SERVER_STARTER_PORT.match(/:(\\d+)/)[1]';
    using project = nodeProject(serving(generation).replace('process.env.PORT', place));
    mkdirSync(project.join('env'));
    const options = [...quick, `--port=127.0.0.1:${await freePort()}`, '--envdir=env'];
    const args = [...options, '--', process.execPath, 'app.mjs'];
    await using superdaemon = startSuperdaemon(args, { cwd: project.path, env: { PORT: '3333' } });
    await started(project);
    for (const [newest, variable] of [
      [2, 'OTHER'],
      [3, 'PORT'],
    ] as const) {
      writeFileSync(project.join(`env/${variable}`), '4444');
      superdaemon.signal('SIGHUP');
      await eventually(() => expect(publishedGenerations(project.join('status'))).toEqual([newest]));
    }
    const said = /^warning: --as=node: PORT=.* of the environment is none of --port/gm;
    expect(superdaemon.log().match(said)).toEqual([
      'warning: --as=node: PORT=3333 of the environment is none of --port',
      'warning: --as=node: PORT=4444 of the environment is none of --port',
    ]);
  });

  it.concurrent('waits for a program that listens late', async () => {
    const code = `${http} setTimeout(() => {
      console.error('listens now');
      http.createServer(${say(generation)}).listen(process.env.PORT);
    }, 300);`;
    using project = nodeProject(code);
    const options = [...quick, `--port=127.0.0.1:${await freePort()}`, '--', process.execPath, 'app.mjs'];
    await using superdaemon = startSuperdaemon(options, { cwd: project.path });
    await started(project);
    expect(superdaemon.log()).toContain('listens now');
  });

  it.concurrent('lets who listens twice hear that the address is in use', async () => {
    await eventuallyAnswers(
      `${http} let second = 'nothing';
      http.createServer(${say('second')}).listen(process.env.PORT, () => {
        net.createServer().on('error', ({ code }) => { second = code; }).listen(process.env.PORT);
      });`,
      'EADDRINUSE',
    );
  });

  it.concurrent('leaves port 0 alone, and who listens on a port that nobody has given to us, but says so once', async () => {
    const port = await freePort();
    const code = `${http}
      const more = (port) => new Promise((resolve) => { const one = net.createServer().listen(port, '127.0.0.1', () => resolve(one)); });
      const any = await more(0);
      const own = await more(${port});
      own.close();
      await new Promise((resolve) => own.once('close', resolve));
      await more(${port});
      http.createServer(${say('any.address().port > 0')}).listen(process.env.PORT);`;
    const { body, log } = await asNode(code);
    expect(body).toBe('true');
    const said = log.split('\n').filter((line) => line.includes('by itself'));
    expect(said).toEqual([
      expect.stringMatching(
        new RegExp(
          `^start-server: process \\d+ listens on ${port} by itself; a deploy will not keep it: add --port=${port}$`,
        ),
      ),
    ]);
  });

  it.concurrent('lets a program close its server and listen again', async () => {
    await eventuallyAnswers(
      `${http} const first = http.createServer(${say('1')}).listen(process.env.PORT, () => {
        first.close(() => http.createServer(${say('2')}).listen(process.env.PORT));
      });`,
      '2',
    );
  });

  it.concurrent('lets a program listen again by the very server that it has closed', async () => {
    await eventuallyAnswers(
      `${http} let answer = '1';
      const server = http.createServer((_, response) => {
        response.end(answer + String(response.getHeader('Connection')));
      });
      server.listen(process.env.PORT, () => {
        server.close(() => server.listen(process.env.PORT, () => { answer = '2'; }));
      });`,
      '2undefined',
    );
  });

  it.concurrent('fails by a code, as other listens do, when a program has closed the socket too often', async () => {
    using project = nodeProject(`${http}
      const again = () => {
        const server = http.createServer().listen(process.env.PORT, () => server.close(again));
        server.on('error', ({ code, syscall, message }) => console.error(code, syscall, message));
      };
      again();`);
    const options = ['--as=node', `--port=127.0.0.1:${await freePort()}`, '--', process.execPath, 'app.mjs'];
    await using superdaemon = startSuperdaemon(options, { cwd: project.path });
    await superdaemon.waitForLine(
      /^EBADF listen .*has closed the socket of 127.0.0.1:\d+, and cannot have it again$/,
    );
  });

  it.concurrent('acts in the main thread alone', async () => {
    await eventuallyAnswers(
      `${http} import { Worker } from 'node:worker_threads';
      let other = 'nothing';
      http.createServer(${say('other')}).listen(process.env.PORT);
      const text = \`const { parentPort, workerData } = require('node:worker_threads');
        require('node:net').createServer().on('error', ({ code }) => parentPort.postMessage(code)).listen(workerData)\`;
      const thread = new Worker(text, { eval: true, workerData: process.env.PORT });
      other = await new Promise((resolve) => thread.once('message', resolve));`,
      'EADDRINUSE',
    );
  });

  it.concurrent('serves by a child process that listens, which gets the signals', async () => {
    const child = `import http from 'node:http'; http.createServer(${say('process.pid')}).listen(process.env.PORT);`;
    const code = `import { spawn } from 'node:child_process';
      const child = spawn(process.execPath, ['--input-type=module', '-e', ${JSON.stringify(child)}], { stdio: 'inherit' });
      child.on('exit', (code) => process.exit(code));`;
    const { body, log } = await asNode(code);
    expect(Number(body)).toBeGreaterThan(1);
    expect(log).toMatch(/worker \d+ died, status:0/);
  });

  it.concurrent('can be had by hand: --import superdaemon/inherit', async () => {
    using project = nodeProject(`${http} http.createServer(${say(generation)}).listen(+process.argv[2]);`);
    mkdirSync(project.join('node_modules'));
    symlinkSync(root, project.join('node_modules/superdaemon'));
    const [port, statusFile] = [await freePort(), project.join('status')];
    const options = [
      `--port=127.0.0.1:${port}`,
      '--ready=notify',
      '--interval=0',
      `--status-file=${statusFile}`,
    ];
    const command = [process.execPath, '--import', 'superdaemon/inherit', 'app.mjs', String(port)];
    await using superdaemon = startSuperdaemon([...options, '--', ...command], { cwd: project.path });
    await started(project);
    expect(await attemptRequest({ port }, 5_000)).toEqual({ outcome: 'ok', generation: 1 });
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(/old worker \d+ died, status:0/);
  });

  it.concurrent('leaves the last word to ready() of a program that uses the library', async () => {
    const code = `import { createServer } from 'node:http'; import { listen, ready } from 'superdaemon';
      await listen(createServer(${say(generation)}));
      setTimeout(() => { console.error('warm now'); ready(); }, 300);`;
    using project = nodeProject(code);
    mkdirSync(project.join('node_modules'));
    symlinkSync(root, project.join('node_modules/superdaemon'));
    const options = [...quick, `--port=127.0.0.1:${await freePort()}`];
    await using superdaemon = startSuperdaemon([...options, '--', 'npm', 'start'], { cwd: project.path });
    await started(project);
    expect(superdaemon.log()).toContain('warm now');
  });

  it.concurrent('tells a program whose descriptor something has closed what to do', async () => {
    using project = nodeProject(serving(generation));
    const options = ['--as=node', `--port=127.0.0.1:${await freePort()}`, '--max-start-attempts=1'];
    const closing = ['sh', '-c', 'exec perl -MPOSIX -e "POSIX::close(100); exec @ARGV" node app.mjs'];
    const result = await run([...options, '--', ...closing], { cwd: project.path });
    expect(result.stderr).toMatch(
      /Error: descriptor 100 is not the socket of 127.0.0.1:\d+ any more: .*run node itself/,
    );
    expect(result.code).toBe(1);
  });

  it.concurrent('is shown by --dry-run', async () => {
    const { stdout } = await run([
      '--as=node',
      '--port=127.0.0.1:3000',
      '--signal-on-hup=QUIT',
      '--dry-run',
      '--',
      'true',
    ]);
    expect(stdout).toMatch(/^socket: +descriptor 100 is 127\.0\.0\.1:3000/m);
    expect(stdout).toMatch(/^environment: +NODE_OPTIONS=--require=\S+inherit\.cjs$/m);
    expect(stdout).toMatch(/^environment: +SERVER_STARTER_SIGNALS=SIGQUIT,SIGTERM$/m);
    expect(stdout).toMatch(/^environment: +PORT=3000$/m);
    expect(stdout).toMatch(/^readiness: +it says so within 60 s$/m);
  });
});

it('the preload is in syntax that Node 8.3 can read', async () => {
  const { transformSync } = await import('esbuild');
  const code = readFileSync(`${root}/dist/library/inherit.cjs`, 'utf8');
  expect(transformSync(code, { target: 'es2018' }).code).toBe(transformSync(code, { target: 'esnext' }).code);
});
