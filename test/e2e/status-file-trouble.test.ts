import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execaSync } from 'execa';
import { describe, expect, it } from 'vitest';
import { ask } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { asOrdinaryUser, giveToOrdinaryUser, ordinaryUserCanRun } from '../support/ordinary-user.ts';
import { itOurs, skipsFixes } from '../support/ours.ts';
import { workerPid } from '../support/pids.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { echoPerl } from '../support/workers.ts';

const mountNamespace = ['unshare', '--mount', '--map-root-user'];

const becomes = (file: string, content: string) =>
  eventually(() => expect(readFileSync(file, 'utf8')).toBe(content));

describe('a status file that cannot be written', () => {
  itOurs('because its directory has gone harms no deploy', async () => {
    using dir = tempDir();
    mkdirSync(dir.join('run'));
    const status = dir.join('run/status');
    const path = dir.join('socket');
    const args = ['--interval=0', `--status-file=${status}`, `--path=${path}`, '--', ...echoPerl];
    await using superdaemon = startSuperdaemon(args);
    await eventually(() => expect(existsSync(status)).toBe(true));
    const first = await ask({ path });
    rmSync(dir.join('run'), { recursive: true });

    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(`old worker ${first.pid} died, status:0`);
    expect(await ask({ path })).toMatchObject({ generation: 2 });
    expect(superdaemon.log()).toContain(status);

    mkdirSync(dir.join('run'));
    superdaemon.signal('SIGHUP');
    await becomes(status, `3:${await workerPid(superdaemon, 3)}\n`);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(existsSync(status)).toBe(false);
  });

  it.skipIf(skipsFixes || !canMount())('because the disk is full keeps its last good content', async () => {
    using dir = tempDir();
    mkdirSync(dir.join('small'));
    // A disk of three pages, one for the note of the workers, in a mount namespace of the superdaemon's own.
    const via = [
      ...mountNamespace,
      'sh',
      '-c',
      'mount -t tmpfs -o size=12k none "$0"; exec "$@"',
      dir.join('small'),
    ];
    const args = ['--interval=0', `--status-file=${dir.join('small/status')}`, '--', 'sleep', '1000'];
    await using superdaemon = startSuperdaemon(args, { via });
    const small = `/proc/${superdaemon.pid}/root${dir.join('small')}`;
    const content = `1:${await workerPid(superdaemon)}\n`;
    await becomes(`${small}/status`, content);
    writeFileSync(`${small}/filler`, 'x'.repeat(4096));

    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(/^old worker \d+ died, status:15$/);
    expect(readFileSync(`${small}/status`, 'utf8')).toBe(content);
    rmSync(`${small}/filler`);
    superdaemon.signal('SIGHUP');
    await becomes(`${small}/status`, `3:${await workerPid(superdaemon, 3)}\n`);
  });

  itOurs('does not lead anywhere else through a link at its temporary name', async () => {
    using dir = tempDir();
    writeFileSync(dir.join('victim'), 'precious');
    const via = ['sh', '-c', 'ln -s victim "status.$$"; exec "$@"', 'sh'];
    const args = ['--interval=0', '--status-file=status', '--', 'sleep', '1000'];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path, via });
    await eventually(() =>
      expect(readFileSync(dir.join('status'), 'utf8')).toBe(
        `1:${/(?<=worker )\d+/.exec(superdaemon.log())}\n`,
      ),
    );
    expect(readFileSync(dir.join('victim'), 'utf8')).toBe('precious');
  });
});

describe('a status file that no superdaemon could write', () => {
  itOurs.each([
    ['a directory', 'run', 'is a directory'],
    ['in a directory that is not there', 'missing/status', 'cannot write: no such file or directory'],
    ['below a file', 'file/status', 'cannot write: not a directory'],
  ])('is refused at the start, and on trial: %s', async (_what, name, why) => {
    using dir = tempDir();
    mkdirSync(dir.join('run'));
    writeFileSync(dir.join('file'), '');
    const args = [`--status-file=${name}`, '--pid-file=pid', '--', 'sleep', '1000'];
    const line = `start-server: --status-file=${name}: ${why}\n`;
    const started = await run(args, { cwd: dir.path });
    expect(started).toMatchObject({ code: 1, leftBehind: 0 });
    expect(started.stderr).toMatch(/^start_server .* starting now\.\.\.\n/);
    expect(started.stderr.split('\n').slice(1).join('\n')).toBe(line);
    expect(await run(['--dry-run', ...args], { cwd: dir.path })).toMatchObject({ code: 1, stderr: line });
    expect(readdirSync(dir.path).sort()).toEqual(['file', 'run']);
  });

  it.skipIf(skipsFixes || !ordinaryUserCanRun())('is refused in a directory that is read-only', async () => {
    using dir = tempDir();
    giveToOrdinaryUser(dir);
    mkdirSync(dir.join('run'), { mode: 0o555 });
    const args = ['--status-file=run/status', '--', 'sleep', '1000'];
    const { code, stderr } = await run(args, { cwd: dir.path, via: asOrdinaryUser });
    expect(stderr).toMatch(/^start-server: --status-file=run\/status: cannot write: permission denied\n$/m);
    expect(code).toBe(1);
  });
});

describe('the status file of a live superdaemon', () => {
  itOurs('is left to it by a second one, which is refused; by one that came beside it, too', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    const args = ['--interval=0', '--status-file=status', '--', 'sleep', '1000'];
    await using first = startSuperdaemon(['--ready=exec:test -e first', ...args], { cwd });
    await using beside = startSuperdaemon(['--ready=exec:test -e beside', ...args], { cwd });
    await workerPid(beside);
    writeFileSync(dir.join('first'), '');
    const content = `1:${await workerPid(first)}\n`;
    await becomes(dir.join('status'), content);
    const second = await run(args, { cwd });
    expect(second).toMatchObject({ code: 1, leftBehind: 0 });
    const refusal = `another superdaemon is running and writes it, pid ${first.pid}\n`;
    expect(second.stderr).toContain(`start-server: --status-file=status: ${refusal}`);
    writeFileSync(dir.join('beside'), '');
    await eventually(() => expect(beside.log()).toContain(refusal));
    // A deploy replaces the file, an upgrade whoever has its lock.
    first.signal('SIGHUP');
    await becomes(dir.join('status'), `2:${await workerPid(first, 2)}\n`);
    expect((await run(args, { cwd })).stderr).toContain(refusal);
    beside.signal('SIGTERM');
    await beside.ended();
    expect(existsSync(dir.join('status'))).toBe(true);
    first.signal('SIGUSR2');
    await first.waitForLine('replaced version');
    expect((await run(args, { cwd })).stderr).toContain(refusal);
    first.signal('SIGTERM');
    await first.ended();
    expect(readdirSync(cwd)).toEqual(['beside', 'first']);
  });
});

function canMount(): boolean {
  const [command = '', ...words] = mountNamespace;
  return (
    execaSync({ reject: false })(command, [...words, 'mount', '-t', 'tmpfs', 'none', '/mnt']).exitCode === 0
  );
}
