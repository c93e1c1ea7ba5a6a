// --as=node: a cluster whose forks end themselves by the signal, or by the word of their primary.

import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { publishedGenerations } from '../support/deploy.ts';
import { eventually } from '../support/eventually.ts';
import { nodeProject } from '../support/node-project.ts';
import { describeOurs } from '../support/ours.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';

/** Two forks serve, a third one only works; a request is answered when the fork that has it gets USR2. */
const program = (listen: 'on' | 'once', policy: 'SCHED_RR' | 'SCHED_NONE') => `
  import cluster from 'node:cluster';
  import http from 'node:http';
  cluster.schedulingPolicy = cluster.${policy};
  if (cluster.isPrimary) {
    cluster.fork();
    cluster.fork();
    cluster.fork({ WORKS: 'yes' });
  } else if (process.env.WORKS) {
    process.${listen}('SIGTERM', () => setTimeout(() => console.error('the work is done'), 300));
  } else {
    const server = http.createServer((_, answer) => {
      console.error('asked: ' + process.pid + '.');
      process.once('SIGUSR2', () => answer.end('answered'));
    });
    server.listen('./app.sock');
    process.${listen}('SIGTERM', () => {
      console.error('a fork hears TERM');
      server.close();
    });
  }`;

const ask = (socketPath: string) =>
  new Promise<string>((resolve, reject) => {
    request({ socketPath }, (answer) => resolve(text(answer)))
      .on('error', reject)
      .end();
  });

describeOurs('by --as=node a cluster whose forks close their servers on TERM', () => {
  it.concurrent.each([
    ['on', 'SCHED_RR'],
    ['once', 'SCHED_RR'],
    ['on', 'SCHED_NONE'],
  ] as const)('ends when their requests are answered, listening by process.%s, with %s', async (listen, policy) => {
    using project = nodeProject(program(listen, policy));
    const options = ['--as=node', '--path=app.sock', '--interval=0', '--status-file=status'];
    const args = [...options, '--', process.execPath, 'app.mjs'];
    await using superdaemon = startSuperdaemon(args, { cwd: project.path });
    await eventually(() => expect(publishedGenerations(project.join('status'))).toEqual([1]));
    const answer = ask(project.join('app.sock'));
    const [, fork] = /asked: (\d+)/.exec(await superdaemon.waitForLine(/asked: \d+\./)) ?? [];
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine('the work is done');
    await eventually(() => expect(superdaemon.log().match(/^a fork hears TERM$/gm)).toHaveLength(2));
    process.kill(Number(fork), 'SIGUSR2');
    expect(await answer).toBe('answered');
    await eventually(() => expect(publishedGenerations(project.join('status'))).toEqual([2]));
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });
});

const requests = 24;
/** Each request keeps its fork from everything else. */
const busy = (onTerm: string) => `
  import cluster from 'node:cluster';
  import http from 'node:http';
  if (cluster.isPrimary) {
    cluster.fork();
    cluster.fork();
    ${onTerm}
  } else {
    const server = http.createServer((_, answer) => {
      console.error('asked.');
      for (const end = Date.now() + 150; Date.now() < end; );
      answer.end('answered');
    });
    server.listen('./app.sock');
    process.on('SIGTERM', () => server.close(() => process.exit()));
  }`;

describeOurs('by --as=node a cluster that is told to go while its forks are busy', () => {
  it.concurrent.each([
    ['does not listen to the signal', ''],
    [
      'passes the signal on',
      `process.on('SIGTERM', () => { for (const fork of Object.values(cluster.workers)) fork.process.kill('SIGTERM'); });`,
    ],
    ['disconnects its forks', `process.on('SIGTERM', () => cluster.disconnect(() => process.exit()));`],
  ])('answers all that its primary has accepted, when that %s', async (_, onTerm) => {
    using project = nodeProject(busy(onTerm));
    const options = ['--as=node', '--path=app.sock', '--interval=0', '--status-file=status'];
    const args = [...options, '--', process.execPath, 'app.mjs'];
    await using superdaemon = startSuperdaemon(args, { cwd: project.path });
    await eventually(() => expect(publishedGenerations(project.join('status'))).toEqual([1]));
    const answers = Array.from({ length: requests }, () => ask(project.join('app.sock')));
    await superdaemon.waitForLine('asked.');
    superdaemon.signal('SIGTERM');
    expect(await Promise.all(answers)).toEqual(Array<string>(requests).fill('answered'));
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    // cluster calls a fork disconnected before that has ended.
    await eventually(() => expect(superdaemon.processes()).toEqual([]));
  });
});
