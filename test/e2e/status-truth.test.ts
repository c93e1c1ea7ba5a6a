// What --status tells beyond the workers: sockets, the log, the last deploy.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { describeOurs } from '../support/ours.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';

const files = ['--pid-file=pid', '--status-file=status'];
const sleeper = ['--', 'sleep', '1000'];

interface Report {
  readonly superdaemon: { readonly log: string };
  readonly sockets: readonly { readonly queue: number | null }[];
  readonly lastDeploy: { readonly at: string; readonly durationSeconds: number } | null;
  readonly workers: readonly { readonly cpuSeconds: number }[];
}

async function report(cwd: string): Promise<Report> {
  return JSON.parse((await run(['--status', '--json', '--pid-file=pid'], { cwd })).stdout) as Report;
}

async function reportWhere(cwd: string, expected: object): Promise<Report> {
  return eventually(async () => {
    const found = await report(cwd);
    expect(found).toMatchObject(expected);
    return found;
  });
}

function destroying(sockets: readonly Socket[]): Disposable {
  return { [Symbol.dispose]: () => sockets.map((socket) => socket.destroy()) };
}

describeOurs('--status', () => {
  it('tells of each socket how many connections wait for a worker that does not accept', async () => {
    using dir = tempDir();
    const [cwd, port] = [dir.path, await freePort()];
    const sockets = [`--port=127.0.0.1:${port}`, `--port=127.0.0.1:u${port}`, '--path=socket', '--backlog=7'];
    const args = ['--interval=0', ...sockets, ...files, ...sleeper];
    await using _superdaemon = startSuperdaemon(args, { cwd });
    const told = (queues: readonly (number | null)[]) => ({
      sockets: [
        { name: `127.0.0.1:${port}`, option: sockets[0], queue: queues[0], queueLimit: 7 },
        { name: `127.0.0.1:${port}`, option: sockets[1], queue: null, queueLimit: null },
        { name: 'socket', option: sockets[2], queue: queues[1], queueLimit: 7 },
      ],
    });
    await reportWhere(cwd, told([0, 0]));
    const clients = [
      connect({ host: '127.0.0.1', port }),
      connect({ host: '127.0.0.1', port }),
      connect({ path: dir.join('socket') }),
    ];
    using _clients = destroying(clients);
    await Promise.all(clients.map((client) => once(client, 'connect')));
    expect(await report(cwd)).toMatchObject(told([2, 1]));
    const { stdout } = await run(['--status', '--pid-file=pid'], { cwd });
    expect(stdout).toMatch(
      /\n\nSOCKET +QUEUE +LIMIT\n--port=[\d.:]+ +2 +7\n--port=.*u\d+ +- +-\n--path=socket +1 +7\n$/,
    );
  });

  it('tells how the last deploy went, how long it took and why it failed, also after an upgrade', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    const args = ['--interval=0', '--check=test ! -e broken', '--log-file=log', ...files, ...sleeper];
    await using superdaemon = startSuperdaemon(args, { cwd });
    expect(await reportWhere(cwd, { serving: true, lastDeploy: null })).toMatchObject({
      superdaemon: { pid: superdaemon.pid, log: dir.join('log') },
    });
    const before = Date.now();
    expect((await run(['--restart', ...files], { cwd })).code).toBe(0);
    const { lastDeploy } = await report(cwd);
    expect(lastDeploy).toMatchObject({ result: 'succeeded', generation: 2, reason: null });
    expect(Date.parse(lastDeploy?.at ?? '')).toBeGreaterThanOrEqual(before);
    expect(lastDeploy?.durationSeconds).toBeLessThanOrEqual((Date.now() - before) / 1000);
    writeFileSync(dir.join('broken'), '');
    expect((await run(['--restart', ...files], { cwd })).code).toBe(1);
    const failed = await report(cwd);
    expect(failed).toMatchObject({
      serving: true,
      lastDeploy: { result: 'failed', generation: 2, reason: 'check exited with status 1' },
    });
    expect((await run(['--upgrade', '--pid-file=pid'], { cwd })).code).toBe(0);
    const { lastDeploy: after, workers } = await report(cwd);
    expect(after).toEqual(failed.lastDeploy);
    expect(workers).toMatchObject([{ generation: 2, role: 'current' }]);
    const { stdout } = await run(['--status', '--pid-file=pid'], { cwd });
    expect(stdout).toMatch(
      /^last deploy: failed at [-\d]+ [:\d]+, after \d+\.\d s, generation 2 serves on: check exited with status 1$/m,
    );
  });

  it('with --watch goes on through deploys and upgrades, and ends with the superdaemon', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    await using superdaemon = startSuperdaemon(['--interval=0', ...files, ...sleeper], { cwd });
    await reportWhere(cwd, { serving: true });
    await using client = startSuperdaemon(['--status', '--watch=0.1', '--pid-file=pid'], { cwd });
    const shows = (words: RegExp) => eventually(() => expect(client.output()).toMatch(words));
    await shows(/^[-\d]+ [:\d]+\nsuperdaemon \d+, .*\nlog: .*\nGENERATION .*\n +1 +current /);
    expect((await run(['--upgrade', '--pid-file=pid'], { cwd })).code).toBe(0);
    expect((await run(['--restart', ...files], { cwd })).code).toBe(0);
    await shows(/\n +2 +current /);
    superdaemon.signal('SIGTERM');
    expect(await client.ended()).toEqual({ code: 3, signal: null });
    expect(client.log()).toMatch(/^start-server: --pid-file=pid: .*: no superdaemon is running\n$/);
  });

  it('with --watch ends with status 1 when nobody reads it any more', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    await using _superdaemon = startSuperdaemon(['--interval=0', ...files, ...sleeper], { cwd });
    await reportWhere(cwd, { serving: true });
    const via = ['sh', '-c', '{ "$@"; echo "exit status $?" >&2; } | head -1', 'sh'];
    const { stdout, stderr } = await run(['--status', '--watch=0.1', '--pid-file=pid'], { cwd, via });
    expect(stdout).toMatch(/^[-\d]+ [:\d]+\n$/);
    expect(stderr).toBe('start-server: cannot write to standard output: broken pipe\nexit status 1\n');
  });

  it('tells the processor time of each worker', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    const busy = ['--', 'sh', '-c', 'while :; do :; done'];
    await using _superdaemon = startSuperdaemon(['--interval=0', ...files, ...busy], { cwd });
    await eventually(async () => expect((await report(cwd)).workers[0]?.cpuSeconds).toBeGreaterThan(0));
  });
});
