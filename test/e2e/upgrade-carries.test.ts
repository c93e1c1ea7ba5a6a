import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { expect, it } from 'vitest';
import { ask } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { recordNotifications } from '../support/notify-recorder.ts';
import { describeOurs, itLaunched } from '../support/ours.ts';
import { openDescriptors } from '../support/proc.ts';
import { program } from '../support/program.ts';
import { releases } from '../support/release.ts';
import { run } from '../support/run.ts';
import { type Superdaemon, type SuperdaemonOptions, startSuperdaemon } from '../support/superdaemon.ts';
import { activatedBy, holdSocket, ipv4Address, unixAddress } from '../support/systemd.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';
import { echoPerl, inspector } from '../support/workers.ts';

const files = ['--interval=0', '--pid-file=pid', '--status-file=status'];

function start(dir: TempDir, words: readonly string[], options: SuperdaemonOptions = {}): Superdaemon {
  return startSuperdaemon([...files, ...words], { cwd: dir.path, ...options });
}

const published = (dir: TempDir, generation: number) =>
  eventually(() =>
    expect(readFileSync(dir.join('status'), 'utf8')).toMatch(new RegExp(`^${generation}:\\d+\\n$`)),
  );

const report = (dir: TempDir, generation: number) =>
  eventually(() => JSON.parse(readFileSync(dir.join(`${generation}.json`), 'utf8')));

async function upgraded(superdaemon: Superdaemon): Promise<void> {
  const after = superdaemon.log().length;
  superdaemon.signal('SIGUSR2');
  await superdaemon.waitForLine(/^replaced version \S+ by version \S+$/, { after });
}

describeOurs('a program that takes over', () => {
  it('has the sockets that the caller bound, by their names, and the descriptor that it left open', async () => {
    using dir = tempDir();
    const [port, path] = [await freePort(), dir.join('socket')];
    using tcp = holdSocket(ipv4Address(port));
    using unix = holdSocket(unixAddress(path));
    const { via, env, ...how } = activatedBy([tcp, unix], { LISTEN_FDNAMES: 'web:admin' });
    const leftOpen = ['sh', '-c', 'exec 9</etc/passwd; exec "$@"', 'sh', ...via];
    await using superdaemon = start(dir, ['--listen-fds', '--', ...inspector], {
      ...how,
      env: { ...env, REPORT_DIR: dir.path },
      via: leftOpen,
    });
    const first = await report(dir, 1);
    await published(dir, 1);
    await upgraded(superdaemon);
    superdaemon.signal('SIGHUP');
    const second = await report(dir, 2);
    expect(second.environment).toMatchObject({ LISTEN_FDNAMES: 'web:admin', LISTEN_PID: String(second.pid) });
    expect(second.descriptors.map(({ fd }: { fd: number }) => fd)).toEqual(expect.arrayContaining([3, 4, 9]));
    const same = { SERVER_STARTER_GENERATION: '1', LISTEN_PID: String(first.pid) };
    expect({ ...second, pid: first.pid, environment: { ...second.environment, ...same } }).toEqual(first);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(existsSync(path)).toBe(true);
  });

  it('has the last contents of an envdir, and tells the service manager of its first deploy as of any', async () => {
    using dir = tempDir();
    await using manager = await recordNotifications(dir);
    mkdirSync(dir.join('env'));
    writeFileSync(dir.join('env/COLOUR'), 'red\n');
    await using superdaemon = start(dir, ['--envdir=env', '--', ...inspector], {
      env: { NOTIFY_SOCKET: manager.name, REPORT_DIR: dir.path },
    });
    await published(dir, 1);
    await manager.waitFor('READY=1\\nMAINPID=P2\\nSTATUS=generation 1, pid P1, serves\\n');
    const before = manager.conversation().length;
    await upgraded(superdaemon);
    renameSync(dir.join('env'), dir.join('gone'));
    superdaemon.signal('SIGHUP');
    expect((await report(dir, 2)).environment).toMatchObject({ COLOUR: 'red', ENVDIR: 'env' });
    await superdaemon.waitForLine('warning: envdir env: cannot read, its last contents stand');
    await manager.waitFor('READY=1\\n');
    const told = manager.conversation().slice(before);
    expect(told.filter((message) => message.includes('RELOADING'))).toHaveLength(1);
    expect(told.join('')).not.toContain('MAINPID');
  });

  itLaunched(
    'has every death with its status, for no shell, which reaps any child, is in its process on the way',
    async () => {
      using dir = tempDir();
      mkdirSync(dir.join('slow'));
      const wait = `while [ ! -e ${dir.join('go')} ]; do sleep 0.02; done; sleep 0.3`;
      const script = `#!/bin/sh\n[ ! -e ${dir.join('armed')} ] || { : >${dir.join('waits')}; ${wait}; }\nexec ${process.execPath} "$@"\n`;
      writeFileSync(dir.join('slow/node'), script, { mode: 0o755 });
      symlinkSync(program, dir.join('link'));
      await using superdaemon = start(dir, ['--', 'sleep', '1000'], {
        env: { PATH: `${dir.join('slow')}:${process.env.PATH}` },
        via: ['sh', '-c', 'shift; exec "$0" "$@"', dir.join('link')],
      });
      await published(dir, 1);
      writeFileSync(dir.join('armed'), '');
      superdaemon.signal('SIGUSR2');
      await eventually(() => readFileSync(dir.join('waits')));
      const worker = Number(readFileSync(dir.join('status'), 'utf8').split(':')[1]);
      process.kill(worker, 'SIGKILL');
      await superdaemon.waitForLine(`worker ${worker} died unexpectedly with status:9, restarting`);
      writeFileSync(dir.join('go'), '');
      const executed = new Set<string>();
      await eventually(() => {
        executed.add(readlinkSync(`/proc/${superdaemon.pid}/exe`));
        expect(superdaemon.log()).toContain('replaced version');
      });
      expect([...executed]).toEqual([process.execPath]);
    },
  );
});

/** Of the superdaemon: arguments and environment get a quarter of the stack, 128 kB at least (execve(2)). No command may be run. */
const SMALL_STACK = `
  const prlimit = require('koffi').load(null).func('int prlimit(int, int, void *, void *)');
  const limits = Buffer.from(new ArrayBuffer(16));
  prlimit(process.ppid, 3, null, limits);
  limits.writeBigUInt64LE(65536n);
  prlimit(process.ppid, 3, limits, null);`;

const onTrial = (code: string) => (bundle: string) =>
  `if (process.argv.includes('--try-upgrade') && process.env.LD_PRELOAD) { ${code} }\n${bundle}`;

describeOurs('a program that could take over when it was tried', () => {
  it.each([
    [
      'has changed since',
      `require('node:fs').appendFileSync(__filename, '//')`,
      'the program has changed since it was tried',
    ],
    ['cannot be executed', SMALL_STACK, 'argument list too long'],
  ])('and %s leaves the old one as it was', async (_what, code, reason) => {
    using dir = tempDir();
    const own = releases(dir);
    own.install('first');
    const path = dir.join('socket');
    await using superdaemon = start(dir, ['--path=socket', '--', ...echoPerl], {
      env: { LONG: 'x'.repeat(90_000), LONGER: 'y'.repeat(90_000) },
      via: ['sh', '-c', 'shift; exec "$0" "$@"', own.program],
    });
    await published(dir, 1);
    const open = await openDescriptors(superdaemon.pid);
    own.install('second', onTrial(code));
    superdaemon.signal('SIGUSR2');
    expect(await superdaemon.waitForLine('cannot be replaced, going on: ')).toContain(reason);
    // Of the first thread: that the others take none is all the same.
    await eventually(async () =>
      expect(await seen(superdaemon.pid)).toEqual({ blocked: '0000000000000000', open }),
    );
    execFileSync('prlimit', ['--stack=8388608:', `--pid=${superdaemon.pid}`]);
    superdaemon.signal('SIGHUP');
    await eventually(async () => expect(await ask({ path })).toMatchObject({ generation: 2 }));
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });
});

describeOurs('--upgrade of a newer version', () => {
  it('says so when the name that the superdaemon was started by leads to the old one still', async () => {
    using dir = tempDir();
    const own = releases(dir);
    own.install('old', (bundle) => bundle.replaceAll('version:"0.1.0"', 'version:"0.0.9"'));
    await using superdaemon = start(dir, ['--', 'sleep', '1000'], {
      via: ['sh', '-c', 'shift; exec "$0" "$@"', own.program],
    });
    await published(dir, 1);
    const { code, stderr } = await run(['--upgrade', '--pid-file=pid', '--quiet'], { cwd: dir.path });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^start-server: upgrade changed nothing: this is version 0\.1\.0, but superdaemon \d+ was started as \S+\/start-server, which is still version 0\.0\.9: /,
    );
    rmSync(own.program);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });
});

async function seen(pid: number) {
  const blocked = /^SigBlk:\s*(\w+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { blocked, open: await openDescriptors(pid) };
}
