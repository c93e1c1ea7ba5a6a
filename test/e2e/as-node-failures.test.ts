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
    expect(await attemptRequest({ port }, 5_000)).toEqual({ outcome: 'ok', generation: 1 });
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });
});
