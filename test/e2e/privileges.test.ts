import { chmodSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { ask } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { asOrdinaryUser, ordinaryUserCanRun } from '../support/ordinary-user.ts';
import { describeOurs } from '../support/ours.ts';
import { describeWhere } from '../support/permitted.ts';
import { workerPid } from '../support/pids.ts';
import { heldBy, reportedHeld, reportTo } from '../support/privileges.ts';
import { commandOf } from '../support/proc.ts';
import { startRevived } from '../support/revived.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const [UID, GID] = [54_322, 54_323];
const user = `--user=${UID}:${GID}`;
const asked = [user, '--umask=027', '--nice=3', '--oom-score-adj=321'];
const limits = ['--limit=nofile=1000:2000', '--limit=core=0', '--limit=fsize=unlimited'];
const NONE = '0000000000000000';
const files = ['--pid-file=pid', '--status-file=status'];
const asAnother = ['setpriv', `--reuid=${UID}`, '--clear-groups', 'true'];
/** Answers one client after the other with its generation and pid; at its start it says that it is ready. */
const server = [
  'perl',
  '-MIO::Socket',
  '-e',
  `my ($fd) = $ENV{SERVER_STARTER_PORT} =~ /=(\\d+)$/; open my $listening, '+<&=', $fd or die $!;
   IO::Socket::UNIX->new(Type => SOCK_DGRAM, Peer => $ENV{NOTIFY_SOCKET})->send("READY=1\\n") if $ENV{NOTIFY_SOCKET};
   while (accept my $client, $listening) { syswrite $client, "$ENV{SERVER_STARTER_GENERATION} $$\\n" }`,
];

/** One that everybody may enter and write to. */
function openDir(): TempDir {
  const dir = tempDir();
  chmodSync(dir.path, 0o777);
  return dir;
}

describeWhere('as root, with --user and the like', asAnother, () => {
  describeOurs('with --user, --umask, --nice, --oom-score-adj and --limit', () => {
    it('worker, check, probe, hook and canary check have what was asked, the superdaemon and its log command do not', async () => {
      using dir = openDir();
      const before = heldBy(process.pid);
      await using superdaemon = startSuperdaemon(
        [
          ...[...asked, ...limits, ...files, '--interval=0', '--canary=0.1'],
          `--check=${reportTo('check')}`,
          `--ready=exec:${reportTo('probe')}`,
          `--canary-check=${reportTo('canary-check')}`,
          `--on-event=worker-started:${reportTo('hook')}`,
          `--log-file=|${reportTo('log-command')}; exec cat`,
          ...['--', 'sh', '-c', `${reportTo('worker')}; env >env; exec sleep 1000`],
        ],
        { cwd: dir.path },
      );
      await eventually(() => expect(existsSync(dir.join('hook'))).toBe(true));
      expect(await run(['--restart', ...files], { cwd: dir.path })).toMatchObject({ code: 0 });
      for (const name of ['check', 'probe', 'canary-check', 'hook', 'worker']) {
        const held = await eventually(() => reportedHeld(dir.join(name)));
        expect({ name, ...held }).toMatchObject({
          ...{ name, uids: [UID, UID, UID, UID], gids: [GID, GID, GID, GID], groups: [GID] },
          ...{ umask: '0027', nice: 3, oomScoreAdj: 321, capabilities: [NONE, NONE, NONE, NONE] },
        });
        expect(held.limit('Max open files')).toEqual(['1000', '2000']);
        expect(held.limit('Max core file size')).toEqual(['0', '0']);
        expect(held.limit('Max file size')).toEqual(['unlimited', 'unlimited']);
        expect(statSync(dir.join(name))).toMatchObject({ uid: UID, gid: GID });
        expect(statSync(dir.join(name)).mode & 0o777).toBe(0o640);
      }
      for (const held of [heldBy(superdaemon.pid), reportedHeld(dir.join('log-command'))]) {
        const { limit, ...rest } = held;
        const { limit: ours, ...expected } = before;
        expect(rest).toEqual(expected);
        expect(limit('Max core file size')).toEqual(ours('Max core file size'));
      }
      expect(readFileSync(dir.join('env'), 'utf8')).toMatch(/^HOME=\/$/m);
      expect(readFileSync(dir.join('env'), 'utf8')).toMatch(new RegExp(`^USER=${UID}$`, 'm'));
    });

    it('a worker has the groups, and the home, that its account has', async () => {
      using dir = openDir();
      await using _superdaemon = startSuperdaemon(
        ['--user=daemon', '--', 'sh', '-c', `env >env; ${reportTo('worker')}; exec sleep 1000`],
        { cwd: dir.path, env: { HOME: '/root' } },
      );
      const { uids, groups } = await eventually(() => reportedHeld(dir.join('worker')));
      expect([uids[0]]).toEqual(await idsOf('-u'));
      expect([...groups].sort()).toEqual(await idsOf('-G'));
      const home = /^daemon:(?:[^:]*:){4}([^:]*)/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[1];
      expect(readFileSync(dir.join('env'), 'utf8')).toContain(`HOME=${home}\n`);
      expect(readFileSync(dir.join('env'), 'utf8')).toMatch(/^LOGNAME=daemon$/m);
    });

    it('a worker says by socket that it is ready, serves, is upgraded over and taken over, under its own name', async () => {
      using dir = openDir();
      mkdirSync(dir.join('closed'), { mode: 0o700 });
      const [port, cwd] = [await freePort(), dir.path];
      const args = [...[...asked, ...files, `--port=127.0.0.1:${port}`, '--ready=notify'], '--', ...server];
      // A place that it cannot enter is none for the socket that it is to speak to.
      const env = { RUNTIME_DIRECTORY: dir.join('closed') };
      await using revived = startRevived(args, { cwd, env });
      const first = revived.superdaemon();
      await first.waitForLine('starting new worker');
      expect(await run(['--upgrade', '--pid-file=pid'], { cwd })).toMatchObject({ code: 0 });
      expect(await run(['--restart', ...files], { cwd })).toMatchObject({ code: 0 });
      const { pid: served } = await ask({ port, host: '127.0.0.1' });
      expect(commandOf(served).split('\0').slice(0, 2)).toEqual(['perl', '-MIO::Socket']);
      const second = await revived.kill();
      await second.waitForLine(`taking over worker ${served} of generation 2, whose superdaemon is gone`);
      await second.waitForLine(`old worker ${served} died`);
      const answer = await ask({ port, host: '127.0.0.1' });
      expect(answer).toEqual({ generation: 3, pid: await workerPid(second) });
      expect(heldBy(answer.pid)).toMatchObject({ uids: [UID, UID, UID, UID], oomScoreAdj: 321, nice: 3 });
      second.signal('SIGTERM');
      expect(await second.ended()).toEqual({ code: 0, signal: null });
      expect(revived.processes()).toEqual([]);
    });

    it('come and go with the command line that an upgrade is given', async () => {
      using dir = openDir();
      const [port, cwd] = [await freePort(), dir.path];
      const command = [...files, `--port=127.0.0.1:${port}`, '--ready=notify'];
      await using superdaemon = startSuperdaemon([...command, '--', ...server], { cwd });
      await superdaemon.waitForLine('starting new worker');
      for (const [options, uid] of [
        [[user], UID],
        [[], process.getuid?.()],
      ] as const) {
        const asked = ['--upgrade', ...command, ...options, '--', ...server];
        expect(await run(asked, { cwd, withinMs: 30_000 })).toMatchObject({ code: 0 });
        const { pid } = await ask({ port, host: '127.0.0.1' });
        expect(heldBy(pid).uids).toEqual([uid, uid, uid, uid]);
      }
    });

    it('says which directory or program that user is denied, in a start and in a dry run', async () => {
      using dir = openDir();
      mkdirSync(dir.join('closed'), { mode: 0o700 });
      const denied = `--dir=${dir.join('closed')}`;
      for (const how of [[], ['--dry-run']]) {
        const { code, stderr } = await run([user, denied, ...how, '--', 'sleep', '1000'], { cwd: dir.path });
        expect(code).toBe(1);
        expect(stderr).toContain(`cannot start the worker: ${denied}: permission denied for uid ${UID}\n`);
      }
      const program = dir.join('closed/program');
      const { code, stderr } = await run([user, '--dry-run', '--', '/bin/sh', program], { cwd: dir.path });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(await run([user, '--dry-run', '--', program], { cwd: dir.path })).toMatchObject({ code: 1 });
    });

    it.skipIf(!ordinaryUserCanRun())(
      'a worker has none of the capabilities by which an ordinary user may start it',
      async () => {
        using dir = openDir();
        const args = [user, '--', 'sh', '-c', `${reportTo('worker')}; exec sleep 1000`];
        const withCapabilities = (list: string) => [
          'setpriv',
          `--inh-caps=${list}`,
          `--ambient-caps=${list}`,
        ];
        const as = asOrdinaryUser.slice(1);
        const refused = await run(args, {
          ...{ cwd: dir.path, via: [...withCapabilities('+setuid,+setgid'), ...as] },
        });
        expect(refused.stderr).toContain(`${user}: needs CAP_KILL, to signal processes of another user\n`);
        const blind = await run(['--kill-tree', ...args], {
          ...{ cwd: dir.path, via: [...withCapabilities('+setuid,+setgid,+kill'), ...as] },
        });
        expect(blind.stderr).toContain(`--kill-tree: with ${user} needs CAP_SYS_PTRACE`);
        await using superdaemon = startSuperdaemon(args, {
          ...{ cwd: dir.path, via: [...withCapabilities('+setuid,+setgid,+kill'), ...as] },
        });
        const { uids, groups, capabilities } = await eventually(() => reportedHeld(dir.join('worker')));
        expect({ uids, groups }).toEqual({ uids: [UID, UID, UID, UID], groups: [GID] });
        expect(capabilities).toEqual([NONE, NONE, NONE, NONE]);
        superdaemon.signal('SIGTERM');
        expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
      },
    );

    it('is a dry run told what it is', async () => {
      const { stdout } = await run([...asked, ...limits, '--dry-run', '--', 'sleep', '1000']);
      for (const line of [
        `user:         ${UID}:${GID}, uid ${UID}, gid ${GID}, groups ${GID}`,
        'umask:        0027',
        'nice:         3',
        'oom score:    321',
        'limit:        nofile 1000, at most 2000',
        'limit:        fsize unlimited, at most unlimited',
      ])
        expect(stdout.split('\n')).toContain(line);
    });
  });
});

describeOurs('a superdaemon that may not', () => {
  it.skipIf(!ordinaryUserCanRun()).each([
    ['--user=1:1', '--user=1:1: needs CAP_SETUID and CAP_SETGID'],
    ['--nice=-5', '--nice=-5: needs CAP_SYS_NICE'],
    ['--oom-score-adj=-1000', '--oom-score-adj=-1000: needs CAP_SYS_RESOURCE'],
    ['--limit=nofile=999999999', '--limit=nofile=999999999: needs CAP_SYS_RESOURCE'],
  ])('give %s says so before it binds anything', async (option, refused) => {
    using dir = tempDir();
    chmodSync(dir.path, 0o777);
    const args = ['--path=socket', '--pid-file=pid', option, '--', 'sleep', '1000'];
    const { code, stderr } = await run(args, { cwd: dir.path, via: asOrdinaryUser });
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^(start_server .*\n)?start-server: ${refused}\n$`));
    expect([dir.join('socket'), dir.join('pid')].filter(existsSync)).toEqual([]);
  });
});

async function idsOf(flag: '-u' | '-G'): Promise<number[]> {
  const { stdout } = await execa('id', [flag, 'daemon']);
  return stdout.split(' ').map(Number).sort();
}
