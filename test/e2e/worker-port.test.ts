import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect, it, vi } from 'vitest';
import { ask } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { freePort, freePortRow } from '../support/free-port.ts';
import { nodeProject } from '../support/node-project.ts';
import { describeOurs } from '../support/ours.ts';
import { startRevived } from '../support/revived.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';
import { echoPerl, spoiler } from '../support/workers.ts';

// Most of the time all of them wait.
vi.setConfig({ maxConcurrency: 4 });

const files = ['--pid-file=pid', '--status-file=status'];

/** `GENERATION:PID` of each, by slot. */
const listed = (dir: TempDir) => readFileSync(dir.join('status'), 'utf8').trimEnd().split('\n');
const answer = async (port: number) => {
  const { generation, pid } = await ask({ port, host: '127.0.0.1' });
  return `${generation}:${pid}`;
};
const whoAnswer = (first: number, length: number) =>
  Promise.all(Array.from({ length }, (_, slot) => answer(first + slot)));

const pidOf = (listed: string) => Number(listed.split(':')[1]);

async function statusOf(dir: TempDir): Promise<object> {
  return JSON.parse((await run(['--status', '--json', '--pid-file=pid'], { cwd: dir.path })).stdout);
}

async function isRefused(port: number): Promise<void> {
  await expect(ask({ port, host: '127.0.0.1' })).rejects.toThrow('ECONNREFUSED');
}

describeOurs('--worker-port', () => {
  it.concurrent('leads to one worker each, after a deploy and a crash, too', async () => {
    using dir = tempDir();
    const [port, first] = [await freePort(), await freePortRow(2)];
    const ports = [`--port=127.0.0.1:${port}`, `--worker-port=127.0.0.1:${first}`];
    const args = ['--interval=0', '--workers=2', ...files, ...ports, '--', ...echoPerl];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await superdaemon.waitForLine('all 2 workers of generation 1');
    await eventually(async () => expect(await whoAnswer(first, 2)).toEqual(listed(dir)));
    expect(await run(['--restart', '--quiet', '--pid-file=pid'], { cwd: dir.path })).toMatchObject({
      code: 0,
    });
    const [zero, one = ''] = listed(dir);
    expect(await whoAnswer(first, 2)).toEqual([zero, one]);
    expect(one).toMatch(/^2:/);
    process.kill(Number(one.split(':')[1]), 'SIGKILL');
    // It waits in the queue for whoever comes.
    expect(await answer(first + 1)).not.toBe(one);
    await eventually(async () => expect(await whoAnswer(first, 2)).toEqual(listed(dir)));
    expect(listed(dir)[0]).toBe(zero);
  });

  it.concurrent('is not waited for by --as=node, where a program listens on the shared port alone', async () => {
    const code = `import http from 'node:http';
      http.createServer((_, answer) => answer.end('served')).listen(process.env.PORT, '127.0.0.1');`;
    using project = nodeProject(code);
    const [port, first] = [await freePort(), await freePortRow(2)];
    const ports = [`--port=127.0.0.1:${port}`, `--worker-port=127.0.0.1:${first}`];
    const args = ['--as=node', '--workers=2', ...ports, '--', process.execPath, 'app.mjs'];
    await using superdaemon = startSuperdaemon(args, { cwd: project.path });
    await superdaemon.waitForLine('all 2 workers of generation 1');
    const answer = await fetch(`http://127.0.0.1:${port}`, { headers: { connection: 'close' } });
    expect(await answer.text()).toBe('served');
  });

  it.concurrent('comes and goes with scaling, across an upgrade', async () => {
    using dir = tempDir();
    const first = await freePortRow(3);
    const ports = [`--worker-port=127.0.0.1:${first}`];
    const args = ['--interval=0', '--workers=2', ...files, ...ports, '--', ...echoPerl];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await superdaemon.waitForLine('all 2 workers of generation 1');
    await isRefused(first + 2);
    const client = async (word: string) =>
      expect(await run([word, '--quiet', '--pid-file=pid'], { cwd: dir.path })).toMatchObject({ code: 0 });
    await client('--scale=3');
    expect(await whoAnswer(first, 3)).toEqual(listed(dir));
    expect(await statusOf(dir)).toMatchObject({
      sockets: [0, 1, 2].map((slot) => ({ name: `127.0.0.1:${first + slot}` })),
    });
    await client('--upgrade');
    expect(await whoAnswer(first, 3)).toEqual(listed(dir));
    await client('--restart');
    expect(await whoAnswer(first, 3)).toEqual(listed(dir));
    await client('--scale=1');
    await eventually(() => isRefused(first + 1));
    await eventually(() => isRefused(first + 2));
    await client('--scale=2');
    await eventually(async () => expect(await whoAnswer(first, 2)).toEqual(listed(dir)));
  });

  it.concurrent('is taken over from a superdaemon that was killed', async () => {
    using dir = tempDir();
    const first = await freePortRow(2);
    const ports = [`--worker-port=127.0.0.1:${first}`];
    const args = ['--interval=0', '--workers=2', ...files, ...ports, '--', ...echoPerl];
    await using revived = startRevived(args, { cwd: dir.path });
    await revived.superdaemon().waitForLine('all 2 workers of generation 1');
    await (await revived.kill()).waitForLine('all 2 workers of generation 2');
    await eventually(async () => {
      const answers = await whoAnswer(first, 2);
      expect(answers).toEqual(listed(dir));
      expect(answers.map((each) => each.split(':')[0])).toEqual(['2', '2']);
    });
  });

  it.concurrent('that a worker shuts down is said to be unreachable, and listens again as soon as any worker dies', async () => {
    using dir = tempDir();
    const first = await freePortRow(3);
    const ports = [`--worker-port=127.0.0.1:${first}`];
    const args = ['--interval=0', '--workers=2', ...files, ...ports, '--', ...spoiler];
    const env = { SPOIL: 'shutdown at USR1' };
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path, env });
    await superdaemon.waitForLine('all 2 workers of generation 1');
    // The ports of slots that come later are kept like those of the beginning.
    expect(await run(['--scale=3', '--quiet', '--pid-file=pid'], { cwd: dir.path })).toMatchObject({
      code: 0,
    });
    const [zero = '', , two = ''] = listed(dir);
    await eventually(async () => expect(await answer(first + 2)).toBe(two));
    process.kill(pidOf(two), 'SIGUSR1');
    const option = `--worker-port=127.0.0.1:${first}, for worker 2`;
    await eventually(async () => expect(await statusOf(dir)).toMatchObject({ unreachable: [option] }));
    await isRefused(first + 2);
    process.kill(pidOf(zero), 'SIGKILL');
    await superdaemon.waitForLine(`warning: ${option}: a worker had shut the socket down: listening again`);
    // It is the same worker that answers there again.
    await eventually(async () => expect(await answer(first + 2)).toBe(two));
    expect(await statusOf(dir)).not.toHaveProperty('unreachable');
  });

  it.concurrent('that somebody else has ends a start, and keeps no other worker from serving', async () => {
    using dir = tempDir();
    const first = await freePortRow(3);
    const taken = createServer().listen(first + 1, '127.0.0.1');
    const args = ['--interval=0', ...files, `--worker-port=127.0.0.1:${first}`, '--', ...echoPerl];
    const refused = await run(['--workers=2', ...args], { cwd: dir.path });
    expect(refused).toMatchObject({ code: 1, leftBehind: 0 });
    expect(refused.stderr).toMatch(
      new RegExp(
        `^start-server: --worker-port=127.0.0.1:${first}, for worker 1: cannot listen: .*in use`,
        'm',
      ),
    );
    await using superdaemon = startSuperdaemon(['--workers=1', ...args], { cwd: dir.path });
    await superdaemon.waitForLine('the only worker of generation 1');
    const scaled = await run(['--scale=2', '--quiet', '--pid-file=pid'], { cwd: dir.path });
    expect(scaled).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/scaling failed: .*for worker 1: cannot listen/),
    });
    expect(await whoAnswer(first, 1)).toEqual(listed(dir));
    taken.close();
    await eventually(async () => expect(await whoAnswer(first, 2)).toEqual(listed(dir)));
  });

  it.concurrent('is the port itself where there is one worker, beside what it tells its readiness by', async () => {
    using dir = tempDir();
    const port = await freePort();
    const worker = 'echo "$SERVER_STARTER_PORT" "$NOTIFY_FD" >said; echo >&$NOTIFY_FD; exec sleep 1000';
    const args = ['--ready=notify', ...files, `--worker-port=127.0.0.1:${port}`, '--', 'sh', '-c', worker];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^1:/));
    expect(readFileSync(dir.join('said'), 'utf8')).toBe(`127.0.0.1:${port}=3 4\n`);
    superdaemon.signal('SIGTERM');
    await superdaemon.ended();
    await isRefused(port);
  });

  it.concurrent('is bound and reported by a dry run', async () => {
    using dir = tempDir();
    const first = await freePortRow(2);
    const words = ['--dry-run', '--workers=2', `--worker-port=${first}`, '--', 'sleep', '1'];
    const { code, stdout } = await run(words, { cwd: dir.path });
    expect(code).toBe(0);
    expect(stdout).toContain(
      `socket:       descriptor 3 is ${first}, TCP 0.0.0.0:${first}, worker 0 alone\n`,
    );
    expect(stdout).toContain(`descriptor 3 is ${first + 1}, TCP 0.0.0.0:${first + 1}, worker 1 alone\n`);
    expect(stdout).toContain(`environment:  SERVER_STARTER_PORT=${first}=3\n`);
  });

  it.each([
    ['u53', 'TCP only'],
    ['9100=5', 'its descriptor cannot be chosen'],
    ['0', 'needs a port, the first of a row'],
    ['example.com:9100', 'example.com is no address'],
    ['x', 'not a port, host:port, port=fd or host:port=fd'],
    ['99999', 'a port is at most 65535'],
    ['65535', 'worker 1 would have port 65536, and a port is at most 65535'],
  ])('of %s is refused in a line', async (value, why) => {
    const option = `--worker-port=${value}`;
    expect(await run(['--workers=2', option, '--', 'sleep', '1000'])).toMatchObject({
      code: 1,
      stderr: `start-server: ${option}: ${why}\n`,
      leftBehind: 0,
    });
  });
});
