import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
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

  it('is taken over by one of two that are started at the same time', async () => {
    using dir = tempDir();
    const port = await freePort();
    const args = ['--interval=0', `--port=127.0.0.1:${port}`, '--', ...echoPerl];
    await using dead = await orphaned(args, { cwd: dir.path });
    const orphan = await workerPid(dead);
    await using one = startSuperdaemon(args);
    await using two = startSuperdaemon(args);
    const both = [one, two];
    const refused = await eventually(() => {
      const found = both.filter(({ log }) => log().includes('address already in use: process '));
      expect(found).toHaveLength(1);
      return found[0];
    });
    const other = both.find((each) => each !== refused);
    await other?.waitForLine(`old worker ${orphan} died, status:unknown`);
    expect(refused?.log()).not.toContain('taking over');
    expect(await refused?.ended()).toEqual({ code: 1, signal: null });
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
    'and that nobody may look into is named when the status file does',
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
        `start-server: ${option}: cannot listen: address already in use: by process ${orphan.pid}, it seems, which ` +
          'the status file has as generation 1, and which we may not look into: ',
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
