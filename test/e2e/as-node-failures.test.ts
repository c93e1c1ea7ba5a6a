// A release that listens and cannot serve: by --as=node it has not started.

import { expect, it } from 'vitest';
import { publishedGenerations } from '../support/deploy.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { nodeProject } from '../support/node-project.ts';
import { describeOurs } from '../support/ours.ts';
import { attemptRequest } from '../support/request.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';

const files = ['--pid-file=pid', '--status-file=status'];
const quick = ['--as=node', '--interval=0', '--max-start-attempts=1', ...files];

/** Generation 1 serves; a later one does this, too, once it listens. */
const releases = (listening: string, before = '') => `
  import http from 'node:http'; import net from 'node:net';
  const generation = Number(process.env.SERVER_STARTER_GENERATION);
  ${before}
  http.createServer((_, answer) => answer.end('generation ' + generation)).listen(process.env.PORT, () => {
    if (generation > 1) { ${listening} }
  });`;

describeOurs('--as=node fails a deploy, and the old generation keeps serving, when the new one', () => {
  it.concurrent.each([
    ['throws when it listens', releases("throw new Error('db')")],
    [
      'throws in a later turn',
      releases("setImmediate(() => setImmediate(() => { throw new Error('db'); }))"),
    ],
    ['rejects soon after', releases("void new Promise((_, no) => setTimeout(no, 10, new Error('db')))")],
    [
      'finds a second port of its own in use',
      releases("net.createServer().listen(process.argv[2], 'localhost')").replace('> 1', '> 0'),
    ],
    [
      'closes the socket again',
      releases('this.close(); setInterval(() => {}, 1000);').replace('() => {', 'function () {'),
    ],
  ])('%s', async (_, code) => {
    using project = nodeProject(code);
    const [port, own] = [await freePort(), await freePort()];
    const options = [...quick, '--ready-timeout=2', `--port=127.0.0.1:${port}`];
    const command = [process.execPath, 'app.mjs', String(own)];
    await using superdaemon = startSuperdaemon([...options, '--', ...command], { cwd: project.path });
    await eventually(() => expect(publishedGenerations(project.join('status'))).toEqual([1]));
    const { code: status, stderr } = await run(['--restart', ...files], { cwd: project.path });
    expect(stderr).toMatch(
      /^start-server: deploy failed: gave up after 1 attempt.*, generation 1 keeps serving: /m,
    );
    expect(status).toBe(1);
    expect(await attemptRequest({ port }, 5_000)).toMatchObject({ outcome: 'ok', generation: 1 });
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });
});

describeOurs('--as=node says once, in one line,', () => {
  const warnings = (log: string) => log.split('\n').filter((line) => line.includes('warning: --as=node'));
  const serving = `import http from 'node:http'; http.createServer().listen(+process.argv[2], '127.0.0.1');`;

  it.concurrent('that no Node program was seen in a worker that has ended', async () => {
    const unreached = ['env', '-u', 'NODE_OPTIONS', process.execPath, '-e', 'process.exit(3)'];
    const socket = `--port=127.0.0.1:${await freePort()}`;
    const { stderr } = await run([
      socket,
      '--as=node',
      '--interval=0',
      '--max-start-attempts=2',
      '--',
      ...unreached,
    ]);
    expect(stderr.match(/seems to have failed/g)).toHaveLength(2);
    expect(warnings(stderr)).toEqual([
      expect.stringMatching(
        /^warning: --as=node: worker \d+ has ended, and no Node program was seen below worker .* NODE_OPTIONS does not reach it/,
      ),
    ]);
  });

  it.concurrent('nothing of the kind where a Node program fails before it listens', async () => {
    const socket = `--port=127.0.0.1:${await freePort()}`;
    const failing = ['sh', '-c', 'node -e "throw 1"; exit 1'];
    const { stderr } = await run([
      socket,
      '--as=node',
      '--interval=0',
      '--max-start-attempts=1',
      '--',
      ...failing,
    ]);
    expect(stderr).toMatch(/giving up after 1 attempt: /);
    expect(warnings(stderr)).toEqual([]);
  });

  it.concurrent('on which of the sockets a program does not listen', async () => {
    using project = nodeProject(serving);
    const [first, second] = [await freePort(), await freePort()];
    const sockets = [`--port=127.0.0.1:${first}`, `--port=127.0.0.1:${second}`];
    const options = [...sockets, ...quick, '--ready-timeout=2'];
    const command = [process.execPath, 'app.mjs', String(first)];
    const { stderr, code } = await run([...options, '--', ...command], { cwd: project.path });
    expect(code).toBe(1);
    expect(warnings(stderr)).toEqual([
      expect.stringMatching(
        new RegExp(`: worker \\d+ is not ready: process \\d+ does not listen on 127.0.0.1:${second}$`),
      ),
    ]);
  });

  it.concurrent('on which socket a program does not listen that listens elsewhere', async () => {
    using project = nodeProject(serving);
    const port = await freePort();
    const args = [`--port=127.0.0.1:${port}`, ...quick, '--ready-timeout=2', '--'];
    const { stderr } = await run([...args, process.execPath, 'app.mjs', '0'], { cwd: project.path });
    expect(warnings(stderr)).toEqual([
      expect.stringMatching(new RegExp(`: no Node program below worker \\d+ listens on 127.0.0.1:${port}; `)),
    ]);
  });

  it.concurrent('that there is no socket for the program', async () => {
    using project = nodeProject(serving);
    const args = [
      '--as=node',
      '--status-file=status',
      '--',
      process.execPath,
      'app.mjs',
      String(await freePort()),
    ];
    await using superdaemon = startSuperdaemon(args, { cwd: project.path });
    await eventually(() => expect(publishedGenerations(project.join('status'))).toEqual([1]));
    expect(warnings(superdaemon.log())).toEqual([
      expect.stringMatching(/without a socket: .*: add --port=PORT or --path=PATH$/),
    ]);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });
});
