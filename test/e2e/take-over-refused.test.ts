import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ask } from '../support/client.ts';
import { endedWithTest } from '../support/ended-with-test.ts';
import { eventually } from '../support/eventually.ts';
import { ENOSYS, EPERM, forbidding, PIDFD_GETFD, PIDFD_OPEN } from '../support/forbidden.ts';
import { freePort } from '../support/free-port.ts';
import { asOrdinaryUser, giveToOrdinaryUser, ordinaryUserCanRun } from '../support/ordinary-user.ts';
import { orphaned } from '../support/orphaned.ts';
import { describeOurs } from '../support/ours.ts';
import { workerPid } from '../support/pids.ts';
import { underAnotherName } from '../support/renamed.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { transcript } from '../support/transcript.ts';
import { actor, disguisedPerl, echoPerl } from '../support/workers.ts';

const files = ['--pid-file=pid', '--status-file=status'];
const errorOf = (stderr: string) => stderr.trimEnd().split('\n').slice(1).join('\n');

describeOurs('where the kernel forbids to take a socket over', () => {
  const needs =
    'operation not permitted: pidfd_getfd needs kernel.yama.ptrace_scope=0 or CAP_SYS_PTRACE, ' +
    'and under systemd SystemCallFilter=pidfd_getfd';
  it.each([
    ['by EPERM', forbidding([PIDFD_GETFD], EPERM), needs],
    [
      'by ENOSYS, as before Linux 5.6',
      forbidding([PIDFD_GETFD], ENOSYS),
      'function not implemented: pidfd_getfd needs Linux 5.6',
    ],
    [
      'by ENOSYS, as before Linux 5.3',
      forbidding([PIDFD_OPEN, PIDFD_GETFD], ENOSYS),
      'function not implemented: pidfd_getfd needs Linux 5.6',
    ],
  ])('%s, the start is refused in a line, and the old worker serves on', async (_, via, why) => {
    using dir = tempDir();
    const [port, cwd] = [await freePort(), dir.path];
    const option = `--port=127.0.0.1:${port}`;
    await using dead = await orphaned([...files, option, '--path=socket', '--', ...echoPerl], { cwd });
    const orphan = { generation: 1, pid: await workerPid(dead) };
    const second = await run([...files, option, '--path=socket', '--', ...echoPerl], { cwd, via });
    expect(second).toMatchObject({ code: 1, leftBehind: 0 });
    expect(errorOf(second.stderr)).toBe(
      `start-server: ${option}: cannot take the socket over: worker ${orphan.pid} of generation 1, ` +
        `whose superdaemon is gone, has it: ${why}, or end it: kill ${orphan.pid}`,
    );
    expect(await ask({ port, host: '127.0.0.1' })).toEqual(orphan);
    expect(await ask({ path: dir.join('socket') })).toEqual(orphan);
    expect(readFileSync(dir.join('status'), 'utf8')).toBe(`1:${orphan.pid}\n`);
  });

  it('a Unix socket is made anew, with a warning, and the old worker goes in its time', async () => {
    using dir = tempDir();
    const [cwd, via] = [dir.path, forbidding([PIDFD_GETFD], EPERM)];
    const args = ['--path=socket', '--', ...echoPerl];
    await using dead = await orphaned(args, { cwd });
    const orphan = await workerPid(dead);
    await using superdaemon = startSuperdaemon(['--interval=0', ...args], { cwd, via });
    await superdaemon.waitForLine(`old worker ${orphan} died, status:unknown`);
    expect(superdaemon.log()).toContain(
      `\nwarning: --path=socket: cannot take the socket over: worker ${orphan} of generation 1,`,
    );
    expect(superdaemon.log()).toContain('\nremoving existing socket file:socket\n');
    expect(await ask({ path: dir.join('socket') })).toMatchObject({ generation: 2 });
  });
});

describeOurs('a superdaemon that lives', () => {
  it.each([
    ['', {}],
    [', started by a worker itself,', { SERVER_STARTER_PORT: 'PORT=3', SERVER_STARTER_GENERATION: '1' }],
  ])('%s keeps its socket and its workers, whatever the status file says', async (_, leaked) => {
    using dir = tempDir();
    const [port, cwd] = [await freePort(), dir.path];
    const option = `--port=127.0.0.1:${port}`;
    const env = JSON.parse(JSON.stringify(leaked).replace('PORT=', `127.0.0.1:${port}=`));
    const args = [option, '--status-file=status', '--', ...echoPerl];
    await using first = startSuperdaemon(['--interval=0', ...args], { cwd, env });
    const worker = { generation: 1, pid: await workerPid(first) };
    await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toBe(`1:${worker.pid}\n`));
    const second = await run(args, { cwd });
    expect(second).toMatchObject({ code: 1, leftBehind: 0 });
    expect(errorOf(second.stderr)).toContain(
      `${option}: cannot listen: address already in use: superdaemon ${first.pid} has it`,
    );
    expect(await ask({ port, host: '127.0.0.1' })).toEqual(worker);
  });

  it.each([
    ['without a socket', (): string[] => []],
    ['with a port', (port: number) => [`--port=127.0.0.1:${port}`]],
  ])('%s keeps its workers under whatever name it runs', async (_, sockets) => {
    using dir = tempDir();
    const notes = transcript(dir);
    const [env, via] = [notes.env, underAnotherName(dir)];
    const args = ['--interval=0', '--status-file=status', ...sockets(await freePort()), '--', ...actor];
    await using first = startSuperdaemon(args, { cwd: dir.path, env, via });
    await notes.waitFor('1 started');
    await using second = startSuperdaemon(args, { cwd: dir.path, env });
    await eventually(() =>
      expect(second.log()).toMatch(/^starting new worker|address already in use|--status-file=status: /m),
    );
    expect(second.log()).not.toContain('taking over');
    expect(first.processes()).toContain(await workerPid(first));
    expect(notes.lines()).not.toContain('1 TERM');
  });

  it('without a socket keeps its workers when another is given their status file', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    const options = { cwd: dir.path, env: notes.env };
    await using first = startSuperdaemon(['--interval=0', files[1] ?? '', '--', ...actor], options);
    const worker = await workerPid(first);
    await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toBe(`1:${worker}\n`));
    const second = await run(['--interval=0', files[1] ?? '', '--', 'sleep', '1000'], options);
    expect(second).toMatchObject({ code: 1, leftBehind: 0 });
    expect(second.stderr).not.toContain('taking over');
    expect(readFileSync(dir.join('status'), 'utf8')).toBe(`1:${worker}\n`);
    expect(notes.lines()).toEqual(['1 started']);
  });
});

describeOurs('a stranger', () => {
  it('that has the port, and got the pid of a worker that the status file names, is left alone', async () => {
    using dir = tempDir();
    const [port, cwd] = [await freePort(), dir.path];
    const option = `--port=127.0.0.1:${port}`;
    await using stranger = await strangerAt(port);
    writeFileSync(dir.join('status'), `7:${stranger.pid}\n`);
    utimesSync(dir.join('status'), 1, 1);
    const second = await run([...files, option, '--', ...echoPerl], { cwd });
    expect(second).toMatchObject({ code: 1, leftBehind: 0 });
    expect(errorOf(second.stderr)).toContain(
      `${option}: cannot listen: address already in use: process ${stranger.pid} (`,
    );
    expect(await ask({ port, host: '127.0.0.1' })).toEqual({ generation: 7, pid: 7 });
  });

  it('that got the pid of a worker is left alone, and the worker that is there is found all the same', async () => {
    using dir = tempDir();
    const [port, cwd] = [await freePort(), dir.path];
    const args = [...files, `--port=127.0.0.1:${port}`, '--', ...echoPerl];
    await using stranger = await strangerAt(await freePort());
    await using dead = await orphaned(args, { cwd });
    const orphan = await workerPid(dead);
    writeFileSync(dir.join('status'), `7:${stranger.pid}\n`);
    await using superdaemon = startSuperdaemon(['--interval=0', ...args], { cwd });
    await superdaemon.waitForLine(`old worker ${orphan} died, status:unknown`);
    expect(superdaemon.log().match(/^taking over .*$/gm)).toHaveLength(1);
    expect(stranger.processes()).toEqual([stranger.pid]);
  });
});

describeOurs('a status file', () => {
  it.each([
    ['of no known format', (path: string) => writeFileSync(path, 'no status\u0000\n1:2:3\n')],
    ['with numbers beyond all reason', (path: string) => writeFileSync(path, '99999999999999999999:1\n')],
    ['that names PID 1, and ourselves', (path: string) => writeFileSync(path, '1:1\n2:0\n')],
    ['that is a FIFO', (path: string) => execFileSync('sh', ['-c', 'rm -f "$0"; mkfifo "$0"', path])],
  ])('%s helps nobody, and hinders nobody', async (_, spoil) => {
    using dir = tempDir();
    const cwd = dir.path;
    const args = [...files, '--path=socket', '--', ...echoPerl];
    await using dead = await orphaned(args, { cwd });
    const orphan = await workerPid(dead);
    spoil(dir.join('status'));
    await using superdaemon = startSuperdaemon(['--interval=0', ...args], { cwd });
    await superdaemon.waitForLine(`old worker ${orphan} died, status:unknown`);
    expect(await ask({ path: dir.join('socket') })).toMatchObject({ generation: 2 });
  });

  it('or a pid file has to be given for a worker to be found that has written over its environment', async () => {
    using dir = tempDir();
    const option = `--port=127.0.0.1:${await freePort()}`;
    await using dead = await orphaned([option, '--', ...disguisedPerl]);
    const orphan = await workerPid(dead);
    using _orphan = endedWithTest(orphan);
    await eventually(() =>
      expect(readFileSync(`/proc/${orphan}/environ`, 'latin1')).not.toContain('SERVER_'),
    );
    const second = await run([option, '--', ...disguisedPerl], { cwd: dir.path });
    expect(second).toMatchObject({ code: 1, leftBehind: 0 });
    expect(errorOf(second.stderr)).toContain(
      `${option}: cannot listen: address already in use: process ${orphan} (`,
    );
  });
});

describeOurs('workers of another user', () => {
  const isRoot = process.getuid?.() === 0;

  it.skipIf(!isRoot || !ordinaryUserCanRun())('are not even taken over by root', async () => {
    using dir = tempDir();
    giveToOrdinaryUser(dir);
    const [port, cwd] = [await freePort(), dir.path];
    const option = `--port=127.0.0.1:${port}`;
    const args = ['--status-file=status', option, '--', ...echoPerl];
    await using dead = await orphaned(args, { cwd, via: asOrdinaryUser });
    const orphan = { generation: 1, pid: await workerPid(dead) };
    const second = await run(args, { cwd });
    expect(second).toMatchObject({ code: 1, leftBehind: 0 });
    expect(errorOf(second.stderr)).toContain(
      `${option}: cannot listen: address already in use: process ${orphan.pid} (`,
    );
    expect(await ask({ port, host: '127.0.0.1' })).toEqual(orphan);
  });

  it.skipIf(!isRoot || !ordinaryUserCanRun())('and their superdaemon keep their path', async () => {
    using dir = tempDir();
    const args = ['--path=socket', '--', ...echoPerl];
    await using first = startSuperdaemon(args, { cwd: dir.path });
    const worker = { generation: 1, pid: await workerPid(first) };
    giveToOrdinaryUser(dir);
    const { ino } = statSync(dir.join('socket'));
    const second = await run(args, { cwd: dir.path, via: asOrdinaryUser });
    expect(second).toMatchObject({ code: 1, leftBehind: 0 });
    expect(errorOf(second.stderr)).toContain(`--path=socket: in use by process ${first.pid}`);
    expect(statSync(dir.join('socket')).ino).toBe(ino);
    expect(await ask({ path: dir.join('socket') })).toEqual(worker);
  });

  it.skipIf(!isRoot || !ordinaryUserCanRun())('are none of ours, though root takes their path', async () => {
    using dir = tempDir();
    giveToOrdinaryUser(dir);
    const cwd = dir.path;
    const args = ['--status-file=status', '--path=socket', '--', ...echoPerl];
    await using dead = await orphaned(args, { cwd, via: asOrdinaryUser });
    const orphan = await workerPid(dead);
    await using superdaemon = startSuperdaemon(['--interval=0', ...args], { cwd });
    const worker = await workerPid(superdaemon);
    await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toBe(`1:${worker}\n`));
    expect(superdaemon.log()).not.toContain('taking over');
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(dead.processes()).toEqual([orphan]);
  });

  it.skipIf(!isRoot || !ordinaryUserCanRun())(
    'are told by their user, where no more can be seen',
    async () => {
      using dir = tempDir();
      const [port, cwd] = [await freePort(), dir.path];
      const option = `--port=127.0.0.1:${port}`;
      const args = ['--status-file=status', option, '--', ...echoPerl];
      await using dead = await orphaned(args, { cwd });
      const orphan = { generation: 1, pid: await workerPid(dead) };
      const second = await run(args, { cwd: '/', via: asOrdinaryUser });
      expect(second).toMatchObject({ code: 1, leftBehind: 0 });
      expect(errorOf(second.stderr)).toBe(
        `start-server: ${option}: cannot listen: address already in use: a process of user 0 has it`,
      );
      expect(await ask({ port, host: '127.0.0.1' })).toEqual(orphan);
    },
  );

  it.skipIf(!isRoot || !ordinaryUserCanRun())(
    'are taken over by root when root bound their socket',
    async () => {
      using dir = tempDir();
      const [port, cwd] = [await freePort(), dir.path];
      const args = [`--port=127.0.0.1:${port}`, '--', ...asOrdinaryUser, ...echoPerl];
      await using dead = await orphaned(args, { cwd });
      const orphan = await workerPid(dead);
      await using superdaemon = startSuperdaemon(['--interval=0', ...args], { cwd });
      await superdaemon.waitForLine(`old worker ${orphan} died, status:unknown`);
    },
  );

  it.skipIf(!ordinaryUserCanRun())('and those of an ordinary user are taken over by that user', async () => {
    using dir = tempDir();
    giveToOrdinaryUser(dir);
    const options = { cwd: dir.path, via: asOrdinaryUser };
    const args = [...files, `--port=127.0.0.1:${await freePort()}`, '--path=socket', '--', ...echoPerl];
    await using dead = await orphaned(args, options);
    const orphan = await workerPid(dead);
    await using superdaemon = startSuperdaemon(['--interval=0', ...args], options);
    await superdaemon.waitForLine(`old worker ${orphan} died, status:unknown`);
    expect(await ask({ path: dir.join('socket') })).toMatchObject({ generation: 2 });
  });
});

/** Something else that answers as a worker does. */
async function strangerAt(port: number) {
  const script =
    'my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => shift, Listen => 5) or die; ' +
    'while (my $c = $s->accept) { print $c "7 7\n"; close $c }';
  const child = spawn('perl', ['-MIO::Socket::INET', '-e', script, String(port)], { stdio: 'ignore' });
  await eventually(() => ask({ port, host: '127.0.0.1' }));
  return {
    pid: child.pid ?? 0,
    processes: () => (child.exitCode === null && child.signalCode === null ? [child.pid] : []),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
    },
  };
}
