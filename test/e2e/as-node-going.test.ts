// --as=node: when a program that ends itself hears the signal.

import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { publishedGenerations } from '../support/deploy.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { nodeProject } from '../support/node-project.ts';
import { describeOurs } from '../support/ours.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';

/** Ends what is open when it hears TERM, and not before. */
const program = (begin: string) => `
  import http from 'node:http';
  const open = new Set();
  const server = http.createServer((_, answer) => { open.add(answer); console.error('asked'); ${begin} });
  server.listen(process.env.PORT);
  process.on('SIGTERM', () => {
    console.error('the program hears TERM');
    server.close(() => process.exit(0));
    for (const answer of open) answer.end('bye');
  });`;
const stream = program("answer.setHeader('Content-Type', 'text/event-stream'); answer.write(':\\n\\n');");
const longPoll = program('');

describeOurs('by --as=node a program with a handler of its own hears the signal', () => {
  it.concurrent.each([
    ['without waiting for the end of an event stream', stream, []],
    ['before --kill-old-timeout ends it in a long poll', longPoll, ['--kill-old-timeout=2']],
    ['before --stop-timeout ends it in a long poll', longPoll, ['--stop-timeout=2']],
  ])('%s', async (_, code, limits) => {
    using project = nodeProject(code);
    const port = await freePort();
    const options = ['--as=node', `--port=127.0.0.1:${port}`, '--interval=0', '--status-file=status'];
    const args = [...options, ...limits, '--', process.execPath, 'app.mjs'];
    await using superdaemon = startSuperdaemon(args, { cwd: project.path });
    await eventually(() => expect(publishedGenerations(project.join('status'))).toEqual([1]));
    const body = new Promise<string>((resolve, reject) => {
      const asking = request({ port, host: '127.0.0.1' }, (answer) => {
        let body = '';
        answer.on('data', (data) => {
          body += data;
        });
        answer.on('end', () => resolve(body));
        answer.on('error', reject);
      });
      asking.on('error', reject);
      asking.end();
    });
    await superdaemon.waitForLine('asked');
    const before = performance.now();
    superdaemon.signal(limits[0]?.startsWith('--kill') ? 'SIGHUP' : 'SIGTERM');
    await superdaemon.waitForLine('the program hears TERM');
    // Of 5 s for those who have not been answered yet.
    expect(performance.now() - before).toBeLessThan(4_500);
    expect(await body).toMatch(/bye$/);
    await superdaemon.waitForLine(/worker \d+ died, status:0/);
  });
});

describeOurs('by --as=node a program that exits at once on the signal', () => {
  it.concurrent('has sent its downloads before, which take some seconds', async () => {
    using project = nodeProject(`
      import http from 'node:http';
      const server = http.createServer((_, answer) => {
        answer.write('the first part, ');
        setTimeout(() => answer.end('the last part'), 1_500);
      });
      server.listen(process.env.PORT);
      process.on('SIGTERM', () => process.exit(0));`);
    const port = await freePort();
    const options = ['--as=node', `--port=127.0.0.1:${port}`, '--interval=0', '--status-file=status'];
    const args = [...options, '--', process.execPath, 'app.mjs'];
    await using superdaemon = startSuperdaemon(args, { cwd: project.path });
    await eventually(() => expect(publishedGenerations(project.join('status'))).toEqual([1]));
    const answer = await fetch(`http://127.0.0.1:${port}`);
    superdaemon.signal('SIGTERM');
    expect(await answer.text()).toBe('the first part, the last part');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });
});

describeOurs('by --as=node a listener that process.listeners does not show', () => {
  it.concurrent('hears the signal at once, since a runner may wait for its word', async () => {
    // As tsx has one, whose runner ends a program by SIGKILL that does not answer for a Ctrl-C.
    using project = nodeProject(`
      const hidden = () => console.error('hidden hears');
      process.on('SIGTERM', hidden);
      const { listeners, listenerCount } = process;
      process.listeners = (name) => listeners.call(process, name).filter((each) => each !== hidden);
      process.listenerCount = (name) => listenerCount.call(process, name) - (name === 'SIGTERM' ? 1 : 0);
      ${longPoll}`);
    const options = ['--as=node', `--port=127.0.0.1:${await freePort()}`, '--interval=0', '--stop-timeout=4'];
    const args = [...options, '--status-file=status', '--', process.execPath, 'app.mjs'];
    await using superdaemon = startSuperdaemon(args, { cwd: project.path });
    await eventually(() => expect(publishedGenerations(project.join('status'))).toEqual([1]));
    const asking = request({ port: Number(options[1]?.split(':')[1]), host: '127.0.0.1' }).on(
      'error',
      () => {},
    );
    asking.end();
    await superdaemon.waitForLine('asked');
    superdaemon.signal('SIGTERM');
    await superdaemon.waitForLine('the program hears TERM');
    const heard = superdaemon.log().match(/^(hidden hears|the program hears TERM)$/gm);
    expect(heard).toEqual(['hidden hears', 'hidden hears', 'the program hears TERM']);
  });
});

describeOurs('by --as=node a program that listens to the signal by once', () => {
  it.concurrent('is left to end itself, however often it is told', async () => {
    using project = nodeProject(`
      import net from 'node:net';
      const server = net.createServer((socket) => socket.once('data', () => {
        console.error('asked');
        process.once('SIGUSR2', () => socket.end('answered'));
      }));
      server.listen(process.env.PORT);
      process.once('SIGTERM', () => {
        console.error('the program hears TERM');
        server.close(() => console.error('the database is closed'));
      });`);
    const port = await freePort();
    const options = ['--as=node', `--port=127.0.0.1:${port}`, '--interval=0', '--status-file=status'];
    const args = [...options, '--', process.execPath, 'app.mjs'];
    await using superdaemon = startSuperdaemon(args, { cwd: project.path });
    await eventually(() => expect(publishedGenerations(project.join('status'))).toEqual([1]));
    const worker = Number(/starting new worker (\d+)/.exec(superdaemon.log())?.[1]);
    const socket = connect({ port, host: '127.0.0.1' });
    const answer = text(socket);
    socket.write('?');
    await superdaemon.waitForLine('asked');
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine('the program hears TERM');
    superdaemon.signal('SIGTERM');
    await superdaemon.waitForLine(/received TERM/);
    process.kill(worker, 'SIGUSR2');
    expect(await answer).toBe('answered');
    await superdaemon.waitForLine('the database is closed');
    await superdaemon.waitForLine(`worker ${worker} died, status:0`);
  });
});
