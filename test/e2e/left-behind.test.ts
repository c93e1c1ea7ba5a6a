import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freePortRow } from '../support/free-port.ts';
import { describeOurs } from '../support/ours.ts';
import { kill } from '../support/process-tree.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { SOCKET, serverOf, wrappers, writePackage } from '../support/wrappers.ts';

/** A command that starts its server and waits for it, as npm does: TERM ends it alone. Once `graceful` is there it takes its server along. */
const wrapper = [
  'sh',
  '-c',
  `sleep 1000 & echo $! >server.$SERVER_STARTER_GENERATION
  [ ! -e graceful ] || trap 'kill $!; wait; exit' TERM
  wait`,
];

describeOurs.concurrent('a process that a worker has left behind', () => {
  it('is named, whether the worker was told to go or died by itself; a server that goes along is not', async () => {
    using dir = tempDir();
    const args = [
      '--interval=0',
      '--path=socket',
      '--pid-file=pid',
      '--status-file=status',
      '--',
      ...wrapper,
    ];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    const server = (generation: number) =>
      eventually(() => {
        const pid = Number(readFileSync(dir.join(`server.${generation}`), 'utf8'));
        expect(pid).toBeGreaterThan(0);
        return pid;
      });
    const named = (pid: number, generation: number) =>
      superdaemon.waitForLine(
        new RegExp(
          `^warning: worker \\d+ of generation ${generation} has left process ${pid} behind, .*: sleep 1000$`,
        ),
      );
    const first = await server(1);
    superdaemon.signal('SIGHUP');
    const second = await server(2);
    await named(first, 1);

    superdaemon.signal('SIGUSR2');
    await superdaemon.waitForLine('replaced version');
    const [, worker = ''] = /^2:(\d+)$/m.exec(readFileSync(dir.join('status'), 'utf8')) ?? [];
    kill(Number(worker));
    const third = await server(3);
    await named(second, 2);

    kill(first);
    kill(second);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    await named(third, 3);
    expect(superdaemon.log().match(/has left process/g)).toHaveLength(3);
  });

  it('keeps --restart and --stop from calling it a success, and --status shows it', async () => {
    using dir = tempDir();
    const files = ['--pid-file=pid', '--status-file=status'];
    const args = ['--interval=0', '--path=socket', ...files, '--', ...wrapper];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^1:/));
    const first = Number(await eventually(() => readFileSync(dir.join('server.1'), 'utf8')));
    const ask = (command: string) => run([command, ...files], { cwd: dir.path });
    const restarted = await ask('--restart');
    expect(restarted).toMatchObject({ code: 1 });
    expect(restarted.stderr).toMatch(
      `deploy incomplete: process ${first} (sleep 1000), left behind by worker `,
    );
    expect(await ask('--status')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`left behind by generation 1: process ${first} sleep 1000`),
    });
    kill(first);
    const second = Number(await eventually(() => readFileSync(dir.join('server.2'), 'utf8')));
    expect(await ask('--stop')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`process ${second} (sleep 1000), left behind by worker `),
    });
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });

  it('is no failure of --stop where it goes a moment after its superdaemon', async () => {
    using dir = tempDir();
    const until = `while kill -0 "$0" 2>/dev/null; do sleep 0.05; done; sleep 0.3`;
    const server = ['--', 'sh', '-c', `sh -c '${until}' "$PPID" & echo $! >server; wait`];
    await using superdaemon = startSuperdaemon(
      ['--interval=0', '--path=socket', '--pid-file=pid', ...server],
      {
        cwd: dir.path,
      },
    );
    await eventually(() => expect(readFileSync(dir.join('server'), 'utf8')).toMatch(/^\d+\n$/));
    const { code, stderr } = await run(['--stop', '--quiet', '--pid-file=pid'], { cwd: dir.path });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(superdaemon.log()).toMatch(/ has left process \d+ behind, /);
  });

  it.each(wrappers)('is named by --restart and --stop where the worker is $what', async ({ command }) => {
    using dir = tempDir();
    writePackage(dir);
    const files = ['--pid-file=pid', '--status-file=status'];
    const args = ['--interval=0', SOCKET, ...files, '--', ...command];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    const first = await serverOf(dir, 1);
    const ask = (what: string) => run([what, ...files], { cwd: dir.path });
    expect(await ask('--restart')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`deploy incomplete: process ${first} (sleep 1000), left behind by `),
    });
    kill(first);
    const second = await serverOf(dir, 2);
    expect(await ask('--stop')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`process ${second} (sleep 1000), left behind by `),
    });
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });

  it('is named where it holds nothing but the port of its worker alone, in a pool that shrinks', async () => {
    using dir = tempDir();
    const port = await freePortRow(2);
    const script = 'sleep 1000 & echo $! >server.$SERVER_STARTER_WORKER; wait';
    const args = ['--interval=0', '--workers=2', `--worker-port=127.0.0.1:${port}`, '--', 'sh', '-c', script];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await superdaemon.waitForLine('all 2 workers');
    const second = await serverOf(dir, 1);
    superdaemon.signal('SIGTTOU');
    await superdaemon.waitForLine(
      new RegExp(`^warning: worker \\d+ of .* has left process ${second} behind`),
    );
    kill(second);
  });

  it('is none, and nothing is said, where a wrapper takes its server along', async () => {
    using dir = tempDir();
    writeFileSync(dir.join('graceful'), '');
    const args = ['--interval=0', '--path=socket', '--', ...wrapper];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await eventually(() => readFileSync(dir.join('server.1'), 'utf8'));
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(/^old worker \d+ died/);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(superdaemon.log()).not.toContain('has left process');
    expect(superdaemon.processes()).toEqual([]);
  });
});
