import { existsSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { ask, askUdp } from '../support/client.ts';
import { endedWithTest } from '../support/ended-with-test.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { inheritedSockets, inspect } from '../support/inspect.ts';
import { orphaned } from '../support/orphaned.ts';
import { describeOurs } from '../support/ours.ts';
import { workerPid } from '../support/pids.ts';
import {
  commandOf,
  freeze,
  heldProcesses,
  isNonBlocking,
  openSockets,
  waitingConnections,
  waitingDatagramBytes,
} from '../support/proc.ts';
import { startRevived } from '../support/revived.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { notes } from '../support/teller.ts';
import { tempDir } from '../support/temp-dir.ts';
import { transcript } from '../support/transcript.ts';
import { actor, disguisedPerl, echoNode, echoPerl, teller } from '../support/workers.ts';

const files = ['--pid-file=pid', '--status-file=status'];

const takingOver = (pid: number, generation = 1) =>
  `taking over worker ${pid} of generation ${generation}, whose superdaemon is gone`;

describeOurs('a client, after its superdaemon was killed,', () => {
  it('says that the workers of the status file serve on, where it was told of that file', async () => {
    using dir = tempDir();
    const { path: cwd } = dir;
    await using dead = await orphaned([...files, '--interval=0', '--', 'sleep', '1000'], { cwd });
    const worker = await workerPid(dead);
    const stale =
      'start-server: --pid-file=pid: stale, no superdaemon has its lock: no superdaemon is running';
    const survivor = `; worker ${worker} serves on: run the start command again, it takes it over`;
    for (const wish of ['--status', '--restart', '--stop']) {
      const told = await run([wish, ...files], { cwd });
      expect({ wish, ...told }).toMatchObject({ wish, code: 3, stderr: `${stale}${survivor}\n` });
    }
    expect(await run(['--stop', '--pid-file=pid'], { cwd })).toMatchObject({ code: 3, stderr: `${stale}\n` });
  });
});

describeOurs('a command that is given again after its superdaemon was killed', () => {
  it.each([
    ['with', files],
    ['without', []],
  ])('takes the socket over, %s its files, and the old worker goes when the new has started', async (_, own) => {
    using dir = tempDir();
    const [port, cwd] = [await freePort(), dir.path];
    const args = [...own, `--port=${port}`, '--path=socket', '--', ...echoPerl];
    await using dead = await orphaned(args, { cwd });
    const orphan = await workerPid(dead);
    await using superdaemon = startSuperdaemon(['--interval=1', ...args], { cwd });
    await superdaemon.waitForLine(`old worker ${orphan} died, status:unknown`);
    const worker = await workerPid(superdaemon);
    expect(superdaemon.log()).toBe(
      [
        `start_server (pid:${superdaemon.pid}) starting now...`,
        takingOver(orphan),
        `starting new worker ${worker}`,
        `new worker is now running, sending TERM to old workers:${orphan}`,
        'killing old workers',
        `old worker ${orphan} died, status:unknown\n`,
      ].join('\n'),
    );
    expect(await ask({ port, host: '127.0.0.1' })).toEqual({ generation: 2, pid: worker });
    expect(await ask({ path: dir.join('socket') })).toEqual({ generation: 2, pid: worker });
    const sockets = openSockets(superdaemon.pid);
    expect(sockets).toEqual([...new Set(sockets)]);
    await eventually(() => expect(heldProcesses(superdaemon.pid)).toBe(0));
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(readdirSync(dir.path)).toEqual([]);
    expect(dead.processes()).toEqual([]);
  });

  it('answers the connections that wait in the queue', async () => {
    using dir = tempDir();
    const [port, cwd] = [await freePort(), dir.path];
    const args = [`--port=127.0.0.1:${port}`, '--path=socket', '--', ...echoPerl];
    await using dead = await orphaned(args, { cwd });
    await freeze(await workerPid(dead));
    const waiting = [connect(port, '127.0.0.1'), connect(dir.join('socket'))].map((socket) => text(socket));
    await eventually(() => expect(waitingConnections(port)).toBe(1));
    await using superdaemon = startSuperdaemon(args, { cwd });
    const worker = await workerPid(superdaemon);
    expect(await Promise.all(waiting)).toEqual([`2 ${worker}\n`, `2 ${worker}\n`]);
  });

  it('answers the datagrams that wait', async () => {
    const port = await freePort();
    const args = [`--port=127.0.0.1:u${port}`, '--', ...echoPerl];
    await using dead = await orphaned(args);
    await freeze(await workerPid(dead));
    const answer = askUdp(port);
    await eventually(() => expect(waitingDatagramBytes(port)).toBeGreaterThan(0));
    await using superdaemon = startSuperdaemon(args);
    expect(await answer).toEqual({ generation: 2, pid: await workerPid(superdaemon) });
  });

  it('takes several generations over, and goes on behind the highest number', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    const args = ['--kill-old-delay=1000', ...files, '--path=socket', '--', ...echoPerl];
    await using first = startSuperdaemon(['--interval=0', ...args], { cwd });
    await workerPid(first);
    first.signal('SIGHUP');
    await first.waitForLine('sleeping 1000 secs before killing old workers');
    const [one, two] = [await workerPid(first, 1), await workerPid(first, 2)];
    first.signal('SIGKILL');
    await first.ended();
    await using superdaemon = startSuperdaemon(['--interval=0', ...args], { cwd });
    await superdaemon.waitForLine(`new worker is now running, sending TERM to old workers:${one},${two}`);
    const published = `1:${one}\n2:${two}\n3:${await workerPid(superdaemon)}\n`;
    await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toBe(published));
  });

  it('finds them all, and those that it took over itself, after an upgrade', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    const args = ['--interval=0', '--kill-old-delay=1000', '--pid-file=pid', '--', ...disguisedPerl];
    await using revived = startRevived(args, { cwd });
    const [alive, workers] = [revived.superdaemon, [await workerPid(revived.superdaemon())]];
    using _one = endedWithTest(workers[0] ?? 0);
    await revived.kill();
    workers.push(await workerPid(alive()));
    await alive().waitForLine('new worker is now running');
    alive().signal('SIGUSR2');
    await alive().waitForLine('replaced version');
    alive().signal('SIGHUP');
    workers.push(await workerPid(alive(), 2));
    await revived.kill();
    for (const [index, pid] of workers.entries()) await alive().waitForLine(takingOver(pid, index + 1));
    alive().signal('SIGTERM');
    expect(await alive().ended()).toEqual({ code: 0, signal: null });
    expect(readdirSync(dir.path)).toEqual([]);
  });

  it('finds one that was still being tried, beside the one of the status file', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    const args = [...files, '--path=socket', '--', ...echoPerl];
    await using first = startSuperdaemon(['--interval=0', ...args], { cwd });
    const one = await workerPid(first);
    await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toBe(`1:${one}\n`));
    first.signal('SIGKILL');
    await first.ended();
    await using second = startSuperdaemon(['--interval=1000', ...args], { cwd });
    const two = await workerPid(second);
    second.signal('SIGKILL');
    await second.ended();
    await using third = startSuperdaemon(['--interval=0', ...args], { cwd });
    await third.waitForLine(takingOver(one));
    await third.waitForLine(takingOver(two, 2));
  });

  it('binds what is missing, in the order of the options', async () => {
    using dir = tempDir();
    const [old, fresh] = [`--port=127.0.0.1:${await freePort()}`, `--port=127.0.0.1:${await freePort()}`];
    await using _dead = await orphaned([old, '--', ...echoPerl]);
    const options = { cwd: dir.path, generation: 2 };
    const { report } = await inspect([fresh, old, '--path=socket'], options);
    const addresses = inheritedSockets(report).map(({ fd, descriptor }) => [fd, descriptor.socket?.address]);
    expect(addresses).toEqual([
      [3, fresh.slice(7)],
      [4, old.slice(7)],
      [5, 'socket'],
    ]);
  });

  it('applies a new backlog, mode and descriptor number', async () => {
    using dir = tempDir();
    const port = `--port=127.0.0.1:${await freePort()}`;
    await using _dead = await orphaned([port, '--path=socket', '--', ...echoPerl], { cwd: dir.path });
    const options = [`${port}=9`, '--path=socket', '--backlog=7', '--path-mode=0600'];
    const { report } = await inspect(options, { cwd: dir.path, generation: 2 });
    expect(inheritedSockets(report)[0]).toMatchObject({ fd: 9, descriptor: { socket: { backlog: 7 } } });
    expect(statSync(dir.join('socket')).mode & 0o777).toBe(0o600);
  });

  it('leaves the socket non-blocking for workers that made it so', async () => {
    const port = await freePort();
    const args = [`--port=127.0.0.1:${port}`, '--'];
    await using dead = await orphaned([...args, ...echoNode]);
    const orphan = await workerPid(dead);
    await ask({ port, host: '127.0.0.1' });
    await using superdaemon = startSuperdaemon(['--interval=1000', ...args, ...echoPerl]);
    await workerPid(superdaemon);
    expect(isNonBlocking(orphan, 3)).toBe(true);
  });

  it('finds a worker that has written over its environment, in its first interval, and the clock was set', async () => {
    using dir = tempDir();
    const args = ['--pid-file=pid', `--port=127.0.0.1:${await freePort()}`, '--', ...disguisedPerl];
    await using dead = await orphaned(['--interval=1000', ...args], { cwd: dir.path });
    const orphan = await workerPid(dead);
    using _orphan = endedWithTest(orphan);
    await eventually(() =>
      expect(readFileSync(`/proc/${orphan}/environ`, 'latin1')).not.toContain('SERVER_'),
    );
    for (const name of ['pid', 'pid.workers']) utimesSync(dir.join(name), 1, 1);
    await using superdaemon = startSuperdaemon(['--interval=0', ...args], { cwd: dir.path });
    await superdaemon.waitForLine(`old worker ${orphan} died, status:unknown`);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });

  it('leaves what an older worker has left behind, which has the socket, too, as it is', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    const helped = '[ $SERVER_STARTER_GENERATION != 1 ] || { sleep 1000 & echo $! >helper; }; exec "$@"';
    const args = [
      ...files,
      `--port=127.0.0.1:${await freePort()}`,
      '--',
      'sh',
      '-c',
      helped,
      'sh',
      ...echoPerl,
    ];
    await using first = startSuperdaemon(['--interval=0', ...args], { cwd });
    const one = await workerPid(first);
    first.signal('SIGHUP');
    await first.waitForLine(`old worker ${one} died`);
    const two = await workerPid(first, 2);
    first.signal('SIGKILL');
    await first.ended();
    const helper = Number(readFileSync(dir.join('helper'), 'utf8'));
    expect(first.processes().sort()).toEqual([helper, two].sort());
    await using superdaemon = startSuperdaemon(['--interval=0', ...args], { cwd });
    await superdaemon.waitForLine(`old worker ${two} died, status:unknown`);
    expect(superdaemon.log().match(/^taking over worker .*$/gm)).toEqual([takingOver(two, 2)]);
    expect(first.processes()).toEqual([helper]);
  });

  it('has the ports again that the kernel chose', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    const args = [...files, '--port=0', '--port=127.0.0.1:0', '--port=127.0.0.1:0', '--', ...echoPerl];
    await using dead = await orphaned(args, { cwd });
    const ports = () => readFileSync(dir.join('pid.workers'), 'utf8').match(/^port .*$/gm);
    const before = ports();
    expect(before).toHaveLength(3);
    await using superdaemon = startSuperdaemon(['--interval=0', ...args], { cwd });
    await superdaemon.waitForLine(`old worker ${await workerPid(dead)} died, status:unknown`);
    expect(ports()).toEqual(before);
    for (const line of before ?? []) {
      const port = Number(line.split(' ')[3]);
      expect(await ask({ port, host: '127.0.0.1' })).toMatchObject({ generation: 2 });
    }
  });

  it.each([
    ['where nothing is written', []],
    ['where all is', ['--pid-file=pid']],
  ])('takes no notice of a generation that a worker has invented, %s', async (_, own) => {
    using dir = tempDir();
    const forged = 'exec env SERVER_STARTER_GENERATION=999999999 "$@"';
    const port = `--port=127.0.0.1:${await freePort()}`;
    const args = [...own, port, '--', 'sh', '-c', forged, 'sh', ...echoPerl];
    await using revived = startRevived(args, { cwd: dir.path });
    for (const generation of [1, 2]) {
      const orphan = await workerPid(revived.superdaemon());
      await eventually(() => expect(commandOf(orphan)).toContain('echo.pl'));
      await revived.kill();
      await revived.superdaemon().waitForLine(/^taking over worker \d+ of generation [12],/);
      if (own.length > 0) await revived.superdaemon().waitForLine(takingOver(orphan, generation));
    }
  });

  it('tells the worker alone to go, not the processes that it has started', async () => {
    using dir = tempDir();
    const port = `--port=127.0.0.1:${await freePort()}`;
    const prefork = '"$@" & trap "kill $!; wait $!; echo gone >gone; exit" TERM; wait';
    const args = [port, '--', 'sh', '-c', prefork, 'sh', ...echoPerl];
    await using dead = await orphaned(args, { cwd: dir.path });
    const orphan = await workerPid(dead);
    await eventually(() => expect(dead.processes()).toHaveLength(2));
    await using superdaemon = startSuperdaemon(['--interval=0', ...args], { cwd: dir.path });
    await superdaemon.waitForLine(`old worker ${orphan} died, status:unknown`);
    expect(superdaemon.log().match(/^taking over worker .*$/gm)).toEqual([takingOver(orphan)]);
    expect(readFileSync(dir.join('gone'), 'utf8')).toBe('gone\n');
    expect(dead.processes()).toEqual([]);
  });

  it('takes workers without any socket over', async () => {
    using dir = tempDir();
    const acts = transcript(dir);
    const options = { cwd: dir.path, env: acts.env };
    await using dead = await orphaned([...files, '--', ...actor], options);
    const orphan = await workerPid(dead);
    await acts.waitFor('1 started');
    await using superdaemon = startSuperdaemon(['--interval=0', ...files, '--', ...actor], options);
    await superdaemon.waitForLine(`old worker ${orphan} died, status:unknown`);
    await acts.waitFor('2 started');
    expect(acts.lines().filter((line) => line.startsWith('1 '))).toEqual(['1 started', '1 TERM']);
  });

  it('leaves those alone that serve a path of the same name in another directory', async () => {
    using here = tempDir();
    using there = tempDir();
    const args = ['--path=socket', '--', ...echoPerl];
    await using other = await orphaned(args, { cwd: there.path });
    const stranger = { generation: 1, pid: await workerPid(other) };
    await using dead = await orphaned(args, { cwd: here.path });
    const orphan = await workerPid(dead);
    await using superdaemon = startSuperdaemon(['--interval=0', ...args], { cwd: here.path });
    await superdaemon.waitForLine(`old worker ${orphan} died, status:unknown`);
    expect(superdaemon.log().match(/^taking over worker .*$/gm)).toEqual([takingOver(orphan)]);
    expect(await ask({ path: there.join('socket') })).toEqual(stranger);
  });

  it('clears away the directory of the dead one for --ready=notify', async () => {
    using dir = tempDir();
    const told = notes(dir, { all: 'pipe READY=1\\n' });
    const options = { cwd: dir.path, env: { ...told.env, TMPDIR: dir.path } };
    const args = ['--ready=notify', ...files, '--path=socket', '--', ...teller];
    await using dead = await orphaned(args, options);
    const directories = () => readdirSync(dir.path).filter((name) => name.startsWith('start-server-'));
    const [left] = directories();
    await using superdaemon = startSuperdaemon(args, options);
    await superdaemon.waitForLine(`old worker ${await workerPid(dead)} died, status:unknown`);
    expect(directories()).toHaveLength(1);
    expect(directories()).not.toContain(left);
  });

  it('kills an old worker that does not go within --kill-old-timeout', async () => {
    using dir = tempDir();
    const acts = transcript(dir, { 1: 'deaf' });
    const options = { cwd: dir.path, env: acts.env };
    await using dead = await orphaned(['--path=socket', '--', ...actor], options);
    const orphan = await workerPid(dead);
    await acts.waitFor('1 started');
    const args = ['--interval=0', '--kill-old-timeout=0.2', '--path=socket', '--', ...actor];
    await using superdaemon = startSuperdaemon(args, options);
    await superdaemon.waitForLine(`worker ${orphan} has not gone in time, sending KILL to it`);
    await superdaemon.waitForLine(`old worker ${orphan} died, status:unknown`);
  });
});

describeOurs('before the new worker has started', () => {
  it('the old one serves, is shown by --status and the status file, and stops on TERM', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    const args = [...files, '--path=socket', '--', ...echoPerl];
    await using dead = await orphaned(args, { cwd });
    const orphan = await workerPid(dead);
    await using superdaemon = startSuperdaemon(['--interval=1000', ...args], { cwd });
    const worker = await workerPid(superdaemon);
    expect(readFileSync(dir.join('status'), 'utf8')).toBe(`1:${orphan}\n`);
    const { code, stdout } = await run(['--status', '--json', '--pid-file=pid'], { cwd });
    expect(code).toBe(0);
    expect(JSON.parse(stdout).workers).toMatchObject([
      { generation: 1, role: 'old', pid: orphan, command: echoPerl },
      { generation: 2, role: 'starting', pid: worker },
    ]);
    expect(await run(['--stop', '--pid-file=pid'], { cwd })).toMatchObject({ code: 0 });
    await superdaemon.waitForLine(`worker ${orphan} died, status:unknown`);
    expect(dead.processes()).toEqual([]);
    expect(existsSync(dir.join('socket'))).toBe(false);
  });

  it.each([
    ['a program that is not there', ['--', './missing'], 'cannot start the worker: '],
    [
      'giving up',
      ['--max-start-attempts=1', '--', 'false'],
      'cannot start the worker: giving up after 1 attempt',
    ],
  ])('the end by %s leaves the old one serving, and all in place', async (_, words, complaint) => {
    using dir = tempDir();
    const [port, cwd] = [await freePort(), dir.path];
    const args = [...files, `--port=127.0.0.1:${port}`, '--path=socket'];
    await using dead = await orphaned([...args, '--', ...echoPerl], { cwd });
    const orphan = { generation: 1, pid: await workerPid(dead) };
    const failed = await run([...args, ...words], { cwd });
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain(complaint);
    expect(await ask({ port, host: '127.0.0.1' })).toEqual(orphan);
    expect(await ask({ path: dir.join('socket') })).toEqual(orphan);
    expect(readFileSync(dir.join('status'), 'utf8')).toBe(`1:${orphan.pid}\n`);
    await using superdaemon = startSuperdaemon(['--interval=0', ...args, '--', ...echoPerl], { cwd });
    await superdaemon.waitForLine(`old worker ${orphan.pid} died, status:unknown`);
  });

  it('--restart waits until the old one has gone', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    const args = ['--interval=1', ...files, '--path=socket', '--', ...echoPerl];
    await using dead = await orphaned(args, { cwd });
    await using superdaemon = startSuperdaemon(args, { cwd });
    await workerPid(superdaemon);
    expect(await run(['--restart', ...files], { cwd })).toMatchObject({ code: 0 });
    expect(dead.processes()).toEqual([]);
    expect(readFileSync(dir.join('status'), 'utf8')).toBe(`3:${await workerPid(superdaemon, 2)}\n`);
  });

  it('--dry-run says that it would take over, and does not', async () => {
    using dir = tempDir();
    const [port, cwd] = [await freePort(), dir.path];
    const args = [...files, `--port=127.0.0.1:${port}`, '--path=socket', '--', ...echoPerl];
    await using dead = await orphaned(args, { cwd });
    const orphan = { generation: 1, pid: await workerPid(dead) };
    const { code, stdout } = await run(['--dry-run', ...args], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^takes over: +worker ${orphan.pid} of generation 1$`, 'm'));
    expect(stdout).toContain('SERVER_STARTER_GENERATION=2');
    expect(await ask({ path: dir.join('socket') })).toEqual(orphan);
  });

  it('the JSON log tells of it', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    const args = [...files, '--path=socket', '--', ...echoPerl];
    await using dead = await orphaned(args, { cwd });
    const pid = await workerPid(dead);
    await using superdaemon = startSuperdaemon(['--interval=0', '--log-format=json', ...args], { cwd });
    const events = await eventually(() => {
      const lines = superdaemon.log().trimEnd().split('\n').slice(1);
      const found = lines.map((line) => JSON.parse(line)).filter((each) => each.pid === pid);
      expect(found.map(({ event }) => event)).toEqual(['taken-over', 'worker-signalled', 'worker-died']);
      return found;
    });
    expect(events[0]).toMatchObject({ level: 'info', generation: 1, msg: takingOver(pid) });
    expect(events[2]).not.toHaveProperty('status');
  });
});
