// --as=node: programs that know nothing of a superdaemon, deployed while clients come with new connections and others stay on
// theirs.

import { describe, expect, it, vi } from 'vitest';
import { selfSigned } from '../support/certificate.ts';
import { deploy, serves } from '../support/deploy.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { startHttp2Load } from '../support/http2-load.ts';
import { startHttpsLoad } from '../support/https-load.ts';
import { DEPLOYS, expectLosesNothing } from '../support/loses-nothing.ts';
import { nodeProject } from '../support/node-project.ts';
import { expectRightAnswers } from '../support/right-answers.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';

const answer = "(_, answer) => answer.end('generation ' + process.env.SERVER_STARTER_GENERATION)";
const server = `import http from 'node:http'; const server = http.createServer(${answer});`;
const plain = `${server} server.listen(process.env.PORT);`;
const ending = `${plain} process.on('SIGTERM', () => server.close(() => process.exit(0)));`;
const exiting = `${plain} process.on('SIGTERM', () => process.exit(0));`;
const byHttp2 = (code: string) =>
  code
    .replace('http.createServer', 'http2.createServer')
    .replace(/http from 'node:http'/, "http2 from 'node:http2'");
// As http-graceful-shutdown, and so Nitro, goes.
const cutting = `${plain}
const idle = new Set();
server.on('connection', (socket) => idle.add(socket));
server.on('request', ({ socket }, answer) => { idle.delete(socket); answer.on('finish', () => idle.add(socket)); });
process.on('SIGTERM', () => { server.close(() => process.exit(0)); for (const socket of idle) socket.destroy(); });
`;
// As Fastify goes.
const refusing = `
import http from 'node:http';
let isGoing = false;
const server = http.createServer((_, answer) => {
  if (isGoing) answer.statusCode = 503;
  answer.end('generation ' + process.env.SERVER_STARTER_GENERATION);
});
server.listen(process.env.PORT);
process.on('SIGTERM', () => { isGoing = true; server.close(() => process.exit(0)); });
`;
const cluster = `
import cluster from 'node:cluster';
import http from 'node:http';
const fork = () => cluster.fork();
if (cluster.isPrimary) { fork(); fork(); cluster.on('exit', fork); }
else http.createServer(${answer}).listen(process.env.PORT);
`;

const npm = ['npm', 'start', '--silent'];
const node = [process.execPath, 'app.mjs'];
const asNode = ['--as=node', '--interval=0'];

// npm takes a second to start, and all of them start at once.
vi.setConfig({ testTimeout: 180_000 });

describe.concurrent(`loses no request on a new or kept-alive connection in ${DEPLOYS} deploys of a program that knows nothing of us:`, () => {
  it.each([
    ['one that does not listen to signals', plain, node],
    ['the same by npm start', plain, npm],
    ['one that closes its server on TERM', ending, node],
    ['the same by npm start', ending, npm],
    ['one that exits on TERM', exiting, node],
    ['one that cuts what it takes for idle on TERM', cutting, node],
    ['one that answers 503 from TERM on', refusing, node],
    ['a cluster that replaces its forks', cluster, node],
    ['the same by npm start', cluster, npm],
    ['one below a shell that waits for it', plain, ['sh', '-c', 'node app.mjs; exit']],
  ])('%s', async (_, code, command) => {
    using project = nodeProject(code);
    await expectLosesNothing({ options: asNode, command, cwd: project.path });
  });

  it.each([
    ['that does not listen to signals', plain],
    ['that closes its server on TERM', ending],
    ['that exits on TERM', exiting],
  ])('one of http2 %s', async (_, code) => {
    using project = nodeProject(byHttp2(code));
    const port = await freePort();
    const args = [...asNode, `--port=127.0.0.1:${port}`, '--status-file=status', '--', ...node];
    await using superdaemon = startSuperdaemon(args, { cwd: project.path, recorded: true });
    await superdaemon.waitForLine('starting new worker');
    await using load = startHttp2Load(port, 4);
    for (let generation = 1; generation <= DEPLOYS + 1; generation += 1) {
      if (generation > 1) await deploy({ superdaemon, statusFile: project.join('status'), loads: [] });
      await eventually(() => expect(load.generations()).toContain(generation));
    }
    expect(await load.stop()).toEqual([]);
    expectRightAnswers(superdaemon, [load]);
  });

  it.each([
    ['that does not listen to signals', plain],
    ['that closes its server on TERM', ending],
  ])('one of https %s', async (_, code) => {
    const https = code
      .replace(
        "http from 'node:http';",
        "https from 'node:https'; import { readFileSync } from 'node:fs'; const pem = readFileSync('pem');",
      )
      .replace('http.createServer(', 'https.createServer({ key: pem, cert: pem }, ');
    using project = nodeProject(https);
    await selfSigned(project);
    const port = await freePort();
    const args = [...asNode, `--port=127.0.0.1:${port}`, '--status-file=status', '--', ...node];
    await using superdaemon = startSuperdaemon(args, { cwd: project.path, recorded: true });
    const deployment = { superdaemon, statusFile: project.join('status'), withinMs: 60_000 };
    await serves({ ...deployment, loads: [] }, 1);
    await using fresh = startHttpsLoad({ port, clients: 3, keepAlive: false });
    await using kept = startHttpsLoad({ port, clients: 3, keepAlive: true });
    const loads = [fresh, kept];
    await serves({ ...deployment, loads }, 1);
    for (let count = 0; count < DEPLOYS; count += 1) await deploy({ ...deployment, loads });
    const [anew, again] = [await fresh.stop(), await kept.stop()];
    expect([...anew.losses, ...again.losses]).toEqual([]);
    expect(anew.connections).toBe(anew.requests);
    expect(again.connections).toBeLessThan(again.requests);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expectRightAnswers(superdaemon, loads);
  });

  it('one in a pool of two', async () => {
    using project = nodeProject(plain);
    const options = [...asNode, '--workers=2', '--start-at-once=2'];
    await expectLosesNothing({ options, command: npm, cwd: project.path, workers: 2 });
  });
});
