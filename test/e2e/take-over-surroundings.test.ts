import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { setBlocking } from '../../src/posix/file/descriptor.ts';
import { ask } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { asOrdinaryUser, giveToOrdinaryUser, ordinaryUserCanRun } from '../support/ordinary-user.ts';
import { orphaned } from '../support/orphaned.ts';
import { describeOurs } from '../support/ours.ts';
import { describePeer } from '../support/peer.ts';
import { workerPid } from '../support/pids.ts';
import { isNonBlocking } from '../support/proc.ts';
import { program } from '../support/program.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { activatedBy, holdSocket, ipv4Address } from '../support/systemd.ts';
import { tempDir } from '../support/temp-dir.ts';
import { echoNode, echoPerl } from '../support/workers.ts';

describeOurs('a worker that outlived its superdaemon', () => {
  it('and has come to us as a child is reaped, and how it ended is told', async () => {
    using dir = tempDir();
    writeFileSync(dir.join('twice'), twice);
    const args = ['--interval=0', '--path=socket', '--', ...echoPerl];
    const via = ['perl', dir.join('twice'), dir.join('first')];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path, via });
    await superdaemon.waitForLine(/^old worker \d+ died, status:0$/);
    const [, orphan] = /^starting new worker (\d+)$/m.exec(readFileSync(dir.join('first'), 'utf8')) ?? [];
    expect(superdaemon.log()).toContain(`\nold worker ${orphan} died, status:0\n`);
    expect(await ask({ path: dir.join('socket') })).toMatchObject({ generation: 2 });
  });

  it('is found by a socket that our caller gave us, which stays as it is', async () => {
    using dir = tempDir();
    const port = await freePort();
    using tcp = holdSocket(ipv4Address(port));
    const args = [`--port=127.0.0.1:${port}`, '--'];
    const options = { ...activatedBy([tcp]), cwd: dir.path };
    await using dead = await orphaned([...args, ...echoNode], options);
    const orphan = await workerPid(dead);
    await ask({ port, host: '127.0.0.1' });
    await using superdaemon = startSuperdaemon(['--interval=1', ...args, ...echoNode], options);
    await workerPid(superdaemon);
    expect(superdaemon.log()).toContain(`taking over worker ${orphan} of generation 1`);
    expect(isNonBlocking(orphan, 3)).toBe(true);
    await superdaemon.waitForLine(`old worker ${orphan} died, status:unknown`);
    expect(await ask({ port, host: '127.0.0.1' })).toMatchObject({ generation: 2 });
  });

  it('is not left with a socket that our caller has made blocking, when it polls it', async () => {
    const address = { port: await freePort(), host: '127.0.0.1' };
    using tcp = holdSocket(ipv4Address(address.port));
    const args = [`--port=${address.host}:${address.port}`, '--'];
    await using dead = await orphaned([...args, ...echoNode], activatedBy([tcp]));
    const orphan = await workerPid(dead);
    await ask(address);
    // As systemd does at each start of a service.
    setBlocking(tcp.fd, true);
    await using superdaemon = startSuperdaemon(
      ['--interval=1000', ...args, 'sleep', '1000'],
      activatedBy([tcp]),
    );
    await workerPid(superdaemon);
    // In accept(2) it would wait with a connection in its hands until the next one comes.
    for (let count = 0; count < 5; count += 1) expect(await ask(address)).toMatchObject({ pid: orphan });
    expect(isNonBlocking(orphan, 3)).toBe(true);
  });

  it('keeps a blocking one when it waits in accept(2)', async () => {
    const address = { port: await freePort(), host: '127.0.0.1' };
    using tcp = holdSocket(ipv4Address(address.port));
    const args = [`--port=${address.host}:${address.port}`, '--'];
    await using dead = await orphaned([...args, ...echoPerl], activatedBy([tcp]));
    const orphan = await workerPid(dead);
    await using superdaemon = startSuperdaemon(
      ['--interval=1000', ...args, 'sleep', '1000'],
      activatedBy([tcp]),
    );
    await workerPid(superdaemon);
    expect(isNonBlocking(orphan, 3)).toBe(false);
  });

  it.each([
    ['port', 'address already in use: '],
    ['path', 'in use by process '],
  ])('is taken over by one of two that are started at the same time, with its %s', async (kind, complaint) => {
    using dir = tempDir();
    const option = kind === 'port' ? `--port=127.0.0.1:${await freePort()}` : `--path=${dir.join('socket')}`;
    const args = ['--interval=0', option, '--', ...echoPerl];
    // Whose turn it is depends on a millisecond.
    for (let round = 1; round <= 3; round += 1) {
      await using dead = await orphaned(args);
      const orphan = await workerPid(dead);
      await using one = startSuperdaemon(args);
      await using two = startSuperdaemon(args);
      const refused = await eventually(() => {
        const found = [one, two].filter(({ log }) => log().includes(complaint));
        expect(found, one.log() + two.log()).toHaveLength(1);
        return found[0];
      });
      const other = refused === one ? two : one;
      await other.waitForLine(`old worker ${orphan} died, status:unknown`);
      expect(refused?.log()).not.toContain('taking over');
      expect(await refused?.ended()).toEqual({ code: 1, signal: null });
      other.signal('SIGTERM');
      await other.ended();
    }
  });

  it('is found although its processes call listen(2) at that very moment', async () => {
    using dir = tempDir();
    const script =
      'my $child = fork; open my $s, "+<&=3" or die $!; for (1 .. 60000) { listen $s, 9; select undef, undef, undef, 0.0003 }';
    const args = ['--path=socket', '--', 'perl', '-e', script];
    await using dead = await orphaned(args, { cwd: dir.path });
    const orphan = await workerPid(dead);
    await eventually(() => expect(dead.processes()).toHaveLength(2));
    await using superdaemon = startSuperdaemon(['--interval=0', ...args], { cwd: dir.path });
    await superdaemon.waitForLine(`old worker ${orphan} died, status:unknown`);
  });

  it('is taken over all the same when somebody of its user holds the turn', async () => {
    const args = ['--interval=0', `--port=127.0.0.1:${await freePort()}`, '--', ...echoPerl];
    await using dead = await orphaned(args);
    const orphan = await workerPid(dead);
    const script = 'open F, "<", shift or die; flock F, 2; $| = 1; print "held"; sleep 1000';
    const holder = spawn('perl', ['-e', script, `/proc/${orphan}/environ`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(holder.stdout, 'data');
      await using superdaemon = startSuperdaemon(args);
      await superdaemon.waitForLine(`old worker ${orphan} died, status:unknown`);
    } finally {
      holder.kill('SIGKILL');
    }
  });

  it('is taken over in the background, too', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    const files = ['--pid-file=pid', '--status-file=status'];
    const args = [...files, '--path=socket', '--', ...echoPerl];
    await using dead = await orphaned(args, { cwd });
    const background = ['--interval=0', '--daemonize', '--log-file=log', ...args];
    await using launched = startSuperdaemon(background, { cwd });
    expect(await launched.ended()).toEqual({ code: 0, signal: null });
    await eventually(() => expect(dead.processes()).toEqual([]));
    const log = () => readFileSync(dir.join('log'), 'utf8');
    await eventually(() => expect(log()).toContain('taking over worker '));
    expect(await ask({ path: dir.join('socket') })).toMatchObject({ generation: 2 });
    expect(await run(['--stop', '--pid-file=pid'], { cwd })).toMatchObject({ code: 0 });
  });

  it.skipIf(asOrdinaryUser.length === 0 || !ordinaryUserCanRun())(
    'and that nobody may look into is named where it is written down',
    async () => {
      using dir = tempDir();
      giveToOrdinaryUser(dir);
      const [port, cwd] = [await freePort(), dir.path];
      const [option, via] = [`--port=127.0.0.1:${port}`, asOrdinaryUser];
      const secretive = ['perl', '-e', `${notDumpable} do shift`, echoPerl[1] ?? ''];
      const args = ['--status-file=status', option, '--', ...secretive];
      await using dead = await orphaned(args, { cwd, via });
      const orphan = { generation: 1, pid: await workerPid(dead) };
      expect(await ask({ port, host: '127.0.0.1' })).toEqual(orphan);
      const { code, stderr } = await run(args, { cwd, via });
      expect(code).toBe(1);
      expect(stderr).toContain(
        `start-server: ${option}: cannot take the socket over: worker ${orphan.pid} of generation 1, ` +
          'whose superdaemon is gone, has it: permission denied: ',
      );
      expect(await ask({ port, host: '127.0.0.1' })).toEqual(orphan);
      process.kill(orphan.pid, 'SIGKILL');
    },
  );
});

describePeer('a worker of the original start_server', ['/usr/bin/start_server'], () => {
  it('that was killed is taken over', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    const args = ['--interval=1', '--status-file=status', '--path=socket', '--', ...echoPerl];
    const instead = ['perl', '-e', `splice @ARGV, 0, 1, "/usr/bin/start_server"; exec @ARGV`];
    await using dead = startSuperdaemon(args, { cwd, via: instead });
    const orphan = await workerPid(dead);
    await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toBe(`1:${orphan}\n`));
    const refused = await run(args, { cwd });
    expect(refused.stderr).toContain(`in use by process ${dead.pid}`);
    dead.signal('SIGKILL');
    await dead.ended();
    await using superdaemon = startSuperdaemon(args, { cwd });
    await superdaemon.waitForLine(`old worker ${orphan} died, status:unknown`);
    expect(await ask({ path: dir.join('socket') })).toMatchObject({ generation: 2 });
    expect(program).not.toBe('/usr/bin/start_server');
  });
});

const prctl = 'use POSIX (); my $prctl = (POSIX::uname())[4] eq "x86_64" ? 157 : 167;';
const notDumpable = `${prctl} syscall($prctl, 4, 0, 0, 0, 0) == 0 or die $!;`;

/** Gives a command, kills it once its worker has been started, and becomes the same command: orphans come to it. */
const twice = `${prctl}
my $log = shift @ARGV;
syscall($prctl, 36, 1, 0, 0, 0) == 0 or die $!;
my $pid = fork // die $!;
if (!$pid) { open STDERR, '>', $log or die $!; exec @ARGV }
sub started { open my $file, '<', $log or return; grep { /^starting new worker/ } <$file> }
select undef, undef, undef, 0.01 until started();
kill KILL => $pid;
waitpid $pid, 0;
exec @ARGV;
`;
