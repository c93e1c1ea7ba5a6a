import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { commandOf, environmentOf, isAlive, parentOf } from '../../src/posix/process/process-facts.ts';
import { eventually } from '../support/eventually.ts';
import { describeOurs, itOurs } from '../support/ours.ts';
import { asPidOne, describeWhere } from '../support/permitted.ts';
import { workerPid } from '../support/pids.ts';
import { kill } from '../support/process-tree.ts';
import { startRevived } from '../support/revived.ts';
import { run } from '../support/run.ts';
import { decoy } from '../support/stranger.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { activatedBy, holdSocket, ipv4Address } from '../support/systemd.ts';
import { tempDir } from '../support/temp-dir.ts';
import {
  daemonizes,
  SOCKET,
  serverOf,
  stubborn,
  waits,
  wrappers,
  writePackage,
} from '../support/wrappers.ts';

const FILES = ['--pid-file=pid', '--status-file=status'];

describeOurs('--kill-tree', () => {
  it.each(wrappers)('leaves nothing after a deploy and a stop where the worker is $what', async ({
    command,
  }) => {
    using dir = tempDir();
    writePackage(dir);
    const args = ['--interval=0', '--kill-tree', SOCKET, ...FILES, '--', ...command];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    const first = await serverOf(dir, 1);
    const ask = (what: string) => run([what, ...FILES], { cwd: dir.path });
    expect(await ask('--restart')).toMatchObject({ code: 0 });
    expect(isAlive(first)).toBe(false);
    await serverOf(dir, 2);
    expect(await ask('--stop')).toMatchObject({ code: 0 });
    expect(superdaemon.processes()).toEqual([]);
    expect(superdaemon.log()).not.toContain('has left process');
  });

  it.each([waits, daemonizes])('takes along what a worker has left that was killed, $what', async (shape) => {
    using dir = tempDir();
    const args = ['--interval=0', '--kill-tree', SOCKET, '--', ...shape.command];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    const first = await serverOf(dir, 1);
    const worker = await workerPid(superdaemon);
    kill(worker);
    await superdaemon.waitForLine(`worker ${worker} died unexpectedly`);
    await superdaemon.waitForLine(`all that worker ${worker} of generation 1 had started has gone`);
    expect(isAlive(first)).toBe(false);
    expect(isAlive(await serverOf(dir, 2))).toBe(true);
    expect(zombiesOf(superdaemon.pid)).toEqual([]);
  });

  it('takes along what a superfluous worker of a pool has left', async () => {
    using dir = tempDir();
    const script = '(sleep 1000 & echo $! >server.$SERVER_STARTER_WORKER); sleep 999 & wait; true';
    const options = ['--interval=0', '--kill-tree', '--workers=2', SOCKET, ...FILES];
    await using superdaemon = startSuperdaemon([...options, '--', 'sh', '-c', script], { cwd: dir.path });
    await superdaemon.waitForLine('all 2 workers');
    const [first, second] = [await serverOf(dir, 0), await serverOf(dir, 1)];
    expect(await run(['--scale=1', ...FILES], { cwd: dir.path })).toMatchObject({ code: 0 });
    expect([isAlive(first), isAlive(second)]).toEqual([true, false]);
  });

  it('takes along what a canary has left that has failed', async () => {
    using dir = tempDir();
    const script =
      'sleep 1000 & echo $! >server.$SERVER_STARTER_GENERATION; [ -e sound ] || exit 3; wait; true';
    writeFileSync(dir.join('sound'), '');
    const args = ['--interval=0', '--kill-tree', '--canary=60', SOCKET, ...FILES, '--', 'sh', '-c', script];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    const first = await serverOf(dir, 1);
    await superdaemon.waitForLine('starting new worker');
    rmSync(dir.join('sound'));
    superdaemon.signal('SIGHUP');
    const second = await serverOf(dir, 2);
    await superdaemon.waitForLine(/^all that worker \d+ of generation 2 had started has gone/);
    expect([isAlive(first), isAlive(second)]).toEqual([true, false]);
  });

  it('takes along what a worker has left that hangs', async () => {
    using dir = tempDir();
    const script =
      'sleep 1000 & echo $! >server.$SERVER_STARTER_GENERATION; echo WATCHDOG=1 >&$NOTIFY_FD; wait; true';
    const args = ['--interval=0', '--kill-tree', '--watchdog=1', SOCKET, '--', 'bash', '-c', script];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    const first = await serverOf(dir, 1);
    await superdaemon.waitForLine(/has been silent for/);
    await superdaemon.waitForLine(/^all that worker \d+ of generation 1 had started has gone/);
    expect(isAlive(first)).toBe(false);
  });

  it('waits for what a worker has left, through an upgrade, too, and kills it when the time is over', async () => {
    using dir = tempDir();
    const args = ['--interval=0', '--kill-tree', '--stop-timeout=1', SOCKET, ...FILES, '--', ...stubborn];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    const first = await serverOf(dir, 1);
    const worker = await workerPid(superdaemon);
    const ask = (...words: string[]) => run([...words, ...FILES], { cwd: dir.path });
    expect(await ask('--restart', '--wait-timeout=1')).toMatchObject({ code: 2 });
    superdaemon.signal('SIGUSR2');
    await superdaemon.waitForLine('replaced version');
    const { stdout } = await ask('--status');
    expect(stdout).toContain(
      `on its way out: process ${first} of worker ${worker} of generation 1, sleep 1000`,
    );
    expect(stdout).toMatch(new RegExp(`^ *1 +leaving +${worker} `, 'm'));
    expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^1:.*\n2:/);
    kill(first);
    await superdaemon.waitForLine(`all that worker ${worker} of generation 1 had started has gone`);
    await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^2:/));
    expect(await ask('--stop')).toMatchObject({ code: 0 });
    expect(superdaemon.processes()).toEqual([]);
  });

  it.each([
    waits,
    daemonizes,
  ])('takes along what outlived a superdaemon that was killed, $what', async (shape) => {
    using dir = tempDir();
    const args = ['--interval=0', '--kill-tree', SOCKET, ...FILES, '--', ...shape.command];
    await using revived = startRevived(args, { cwd: dir.path });
    const first = await serverOf(dir, 1);
    await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^1:/));
    const superdaemon = await revived.kill();
    await serverOf(dir, 2);
    await eventually(() => expect(isAlive(first)).toBe(false));
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(revived.processes()).toEqual([]);
  });

  it('shows what it has taken over once: as a worker on its way out, not as left behind, too', async () => {
    using dir = tempDir();
    const script = `(trap '' TERM; sleep 1000 & echo $! >server.$SERVER_STARTER_GENERATION); exec sleep 999`;
    const args = ['--interval=0', '--kill-tree', SOCKET, ...FILES, '--', 'sh', '-c', script];
    await using revived = startRevived(args, { cwd: dir.path });
    const first = await serverOf(dir, 1);
    await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^1:/));
    const superdaemon = await revived.kill();
    await superdaemon.waitForLine(/^old worker \d+ died/);
    const { stdout } = await run(['--status', ...FILES], { cwd: dir.path });
    expect(stdout).toMatch(new RegExp(`^ *1 +leaving +${first} `, 'm'));
    expect(stdout).not.toContain('left behind');
    kill(first);
    await superdaemon.waitForLine(`old worker ${first} died`);
  });

  it('takes along what outlived a superdaemon and one of its workers that were killed together', async () => {
    using dir = tempDir();
    const script = '(sleep 1000 & echo $! >server.$SERVER_STARTER_WORKER); exec sleep 999';
    const options = ['--interval=0', '--kill-tree', '--workers=2', SOCKET, ...FILES];
    await using revived = startRevived([...options, '--', 'sh', '-c', script], { cwd: dir.path });
    await revived.superdaemon().waitForLine('all 2 workers');
    const [first, second] = [await serverOf(dir, 0), await serverOf(dir, 1)];
    const worker = await workerPid(revived.superdaemon());
    revived.superdaemon().signal('SIGSTOP');
    kill(worker);
    const superdaemon = await revived.kill();
    await superdaemon.waitForLine(`taking over worker ${first} of generation 1`);
    await superdaemon.waitForLine(`old worker ${first} died`);
    await eventually(() => expect(isAlive(second)).toBe(false));
  });

  it('takes along what was just going when the superdaemon was killed, without a socket, too', async () => {
    using dir = tempDir();
    const script = `trap '' TERM
      sleep 1000 7>&- & echo $! >server.$SERVER_STARTER_GENERATION
      trap - TERM; wait; true`;
    const options = ['--interval=0', '--kill-tree', '--stop-timeout=1', '--port=127.0.0.1:0=7', ...FILES];
    const args = [...options, '--', 'sh', '-c', script];
    await using revived = startRevived(args, { cwd: dir.path });
    const first = await serverOf(dir, 1);
    const dying = revived.superdaemon();
    dying.signal('SIGHUP');
    await dying.waitForLine(/has ended before what it has started/);
    const superdaemon = await revived.kill();
    await superdaemon.waitForLine(`taking over worker ${first} of generation 1`);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(revived.processes()).toEqual([]);
  });

  it('leaves a process alone that has the variables of a worker and its socket, but is not of its tree', async () => {
    using dir = tempDir();
    using socket = holdSocket(ipv4Address(0));
    const args = ['--interval=0', '--kill-tree', ...FILES, '--', ...daemonizes.command];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path, ...activatedBy([socket]) });
    const server = await serverOf(dir, 1);
    const { START_SERVER_TEST_TREE: _, ...variables } = Object.fromEntries(environmentOf(server));
    expect(variables).toHaveProperty('START_SERVER_TREE');
    await using stranger = await decoy(variables, socket.fd);
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(/^all that worker \d+ of generation 1 had started has gone/);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(superdaemon.processes()).toEqual([]);
    expect(isAlive(stranger.pid)).toBe(true);
  });

  it('takes along a process without the mark of its worker, whose line of parents leads there', async () => {
    using dir = tempDir();
    const script = 'env -i /bin/sleep 1000 & echo $! >server.$SERVER_STARTER_GENERATION; wait; true';
    const args = ['--interval=0', '--kill-tree', SOCKET, '--', 'sh', '-c', script];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    const first = await serverOf(dir, 1);
    using _ = { [Symbol.dispose]: () => kill(first) };
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(/^all that worker \d+ of generation 1 had started has gone/);
    expect(isAlive(first)).toBe(false);
    const second = await serverOf(dir, 2);
    using __ = { [Symbol.dispose]: () => kill(second) };
    kill(await workerPid(superdaemon, 2));
    await superdaemon.waitForLine(/^all that worker \d+ of generation 2 had started has gone/);
    expect(isAlive(second)).toBe(false);
    superdaemon.signal('SIGTERM');
    await superdaemon.ended();
  });

  it('is shown by --dry-run, with what workers find in their environment', async () => {
    const { code, stdout } = await run(['--dry-run', '--kill-tree', '--', 'true']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^kill tree: +a worker goes with all that it has started$/m);
    expect(stdout).toMatch(/^environment: +START_SERVER_TREE=\(a mark for each worker\)$/m);
  });

  it('is refused in a line where processes cannot be seen', async () => {
    const hidden = ['unshare', '--mount', 'sh', '-c', 'umount -l /proc; exec "$@"', 'sh'];
    expect(await run(['--kill-tree', '--', 'true'], { via: hidden })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--kill-tree: needs /proc/PID/task/PID/children, which is not there\n'),
    });
  });
});

describeOurs('--kill-tree that a new command line brings, or takes away', () => {
  it('holds for the workers that come by it: those before go by their own rule', async () => {
    using dir = tempDir();
    const { command } = daemonizes;
    const args = (...more: string[]) => ['--interval=0', SOCKET, ...FILES, ...more, '--', ...command];
    const change = (...more: string[]) =>
      run(['--upgrade', ...args(...more)], { cwd: dir.path, withinMs: 30_000 });
    await using superdaemon = startSuperdaemon(args(), { cwd: dir.path });
    const first = await serverOf(dir, 1);
    await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^1:/));
    const isLeft = (pid: number) => ({ code: 1, stderr: expect.stringContaining(`process ${pid}`) });
    expect(await change('--kill-tree')).toMatchObject(isLeft(first));
    const second = await serverOf(dir, 2);
    await eventually(() => expect(parentOf(second)).toBe(superdaemon.pid));
    expect(await change('--kill-tree')).toMatchObject(isLeft(first));
    const third = await serverOf(dir, 3);
    expect([first, second, third].map(isAlive)).toEqual([true, false, true]);
    kill(first);
    const status = () => run(['--status', ...FILES], { cwd: dir.path });
    await eventually(async () => expect((await status()).stdout).not.toContain(`process ${first}`));
    expect(await change()).toMatchObject({ code: 0 });
    expect(isAlive(third)).toBe(false);
    expect(await run(['--restart', ...FILES], { cwd: dir.path })).toMatchObject(
      isLeft(await serverOf(dir, 4)),
    );
    // Orphans come to it no more.
    await eventually(async () => expect(parentOf(await serverOf(dir, 5))).not.toBe(superdaemon.pid));
    expect(zombiesOf(superdaemon.pid)).toEqual([]);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });
});

describeWhere('--kill-tree as PID 1', [...asPidOne, 'true'], () => {
  itOurs('leaves nothing of an old generation, of which much has come to it', async () => {
    using dir = tempDir();
    const args = ['--interval=0', '--kill-tree', SOCKET, ...FILES, '--', ...daemonizes.command];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path, via: asPidOne });
    await serverOf(dir, 1);
    const pid = await eventually(() => {
      const [child = 0] = childrenOf(superdaemon.pid);
      expect(commandOf(child)?.join(' ')).toContain('--kill-tree');
      return child;
    });
    process.kill(pid, 'SIGHUP');
    await serverOf(dir, 2);
    await superdaemon.waitForLine(/^all that worker \d+ of generation 1 had started has gone/);
    const servers = superdaemon.processes().filter((each) => commandOf(each)?.join(' ') === 'sleep 1000');
    expect(servers).toHaveLength(1);
    process.kill(pid, 'SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });
});

function zombiesOf(parent: number): number[] {
  return childrenOf(parent).filter((pid) => !isAlive(pid));
}

function childrenOf(parent: number): number[] {
  const text = readFileSync(`/proc/${parent}/task/${parent}/children`, 'latin1');
  return text.split(' ').filter(Boolean).map(Number);
}
