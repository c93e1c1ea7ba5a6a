import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { describeOurs, itOurs } from '../support/ours.ts';
import { describePeer } from '../support/peer.ts';
import { asPidOne, describeWhere } from '../support/permitted.ts';
import { workerPid } from '../support/pids.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';

const files = ['--pid-file=pid', '--status-file=status'];
const success = { code: 0, stderr: '' };
const sleeper = ['--', 'sleep', '1000'];

describeOurs('--restart', () => {
  it.concurrent('of two clients at once tells both the truth: each has had its deploy', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    await using superdaemon = startSuperdaemon(['--interval=1', ...files, ...sleeper], { cwd });
    await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^1:\d+\n$/));
    const clients = [1, 2].map(() => run(['--restart', '--quiet', ...files], { cwd, withinMs: 30_000 }));
    for (const { code, stderr } of await Promise.all(clients)) expect({ code, stderr }).toEqual(success);
    expect(readFileSync(dir.join('status'), 'utf8')).toBe(`3:${await workerPid(superdaemon, 3)}\n`);
    expect(superdaemon.log().match(/^received HUP/gm)).toHaveLength(2);
  });

  it.concurrent('waits until a failing release has been mended, and says so only then', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    const worker = ['--', 'sh', '-c', 'test ! -e broken || exit 1; exec sleep 1000'];
    await using superdaemon = startSuperdaemon(['--interval=1', ...files, ...worker], { cwd });
    await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^1:\d+\n$/));
    writeFileSync(dir.join('broken'), '');
    const client = run(['--restart', '--quiet', ...files], { cwd, withinMs: 30_000 });
    await superdaemon.waitForLine(/^new worker \d+ seems to have failed to start, exit status:256$/);
    expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^1:\d+\n$/);
    rmSync(dir.join('broken'));
    expect(await client).toMatchObject(success);
    expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^[2-9]:\d+\n$/);
  });

  it.concurrent('ends with an error when the superdaemon goes away meanwhile', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    await using superdaemon = startSuperdaemon(['--interval=1', ...files, ...sleeper], { cwd });
    await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^1:\d+\n$/));
    const client = run(['--restart', '--quiet', ...files], { cwd });
    await superdaemon.waitForLine('received HUP');
    superdaemon.signal('SIGTERM');
    const { code, stderr } = await client;
    expect(code).toBe(1);
    expect(stderr).toMatch(/went away/);
  });
});

describeOurs('--stop', () => {
  it.concurrent('returns only when workers, files and superdaemon have gone', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    const slow = ['--', 'perl', '-e', '$SIG{TERM} = sub { sleep 1; exit }; print "up\\n"; sleep 1000'];
    await using superdaemon = startSuperdaemon(['--interval=0', ...files, ...slow], { cwd });
    await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^1:\d+\n$/));
    expect(await run(['--stop', '--quiet', '--pid-file=pid'], { cwd })).toMatchObject(success);
    expect(superdaemon.processes()).toEqual([]);
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });
});

const theReference = ['perl', '-e', 'splice @ARGV, 0, 1, "/usr/bin/start_server"; exec @ARGV'];

describePeer('clients of the original’s superdaemon', ['/usr/bin/start_server'], () => {
  it('deploy by HUP one after the other, whatever others put beside the pid file, and stop it', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    const args = ['--interval=0', ...files, ...sleeper];
    await using superdaemon = startSuperdaemon(args, { cwd, via: theReference });
    await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^1:\d+\n$/));
    const clients = [1, 2].map(() => run(['--restart', ...files], { cwd, withinMs: 30_000 }));
    for (const result of await Promise.all(clients)) expect(result).toMatchObject(success);
    expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^3:\d+\n$/);
    // Where a client makes the file of its turn, and where it made its lock once.
    mkdirSync(dir.join('pid.turn'));
    mkdirSync(dir.join('pid.lock'));
    expect(await run(['--restart', ...files], { cwd, withinMs: 30_000 })).toMatchObject(success);
    expect(await run(['--stop', '--pid-file=pid'], { cwd })).toMatchObject(success);
    expect(await superdaemon.ended()).toMatchObject({ code: 0 });
  });
});

// In a pid namespace of their own: should a client signal everybody after all, it is only the stranger.
const beside = `sleep 1000 & sed -i "s/STRANGER/$!/" pid; "$@"; code=$?; kill $! || code=99; exit $code`;
const withStranger = [...asPidOne, 'sh', '-c', beside, 'sh'];

describeWhere('with a pid file that names no superdaemon', [...asPidOne, 'true'], () => {
  const locked = ['flock', '--no-fork', 'pid'];
  itOurs.each([
    ['--stop', '0\n', locked],
    ['--stop', '-1\n', locked],
    ['--stop', '', locked],
    ['--stop', '99999999999999999999\n', locked],
    ['--stop', '-0x1 2.5\n', locked],
    ['--restart', '0\n', locked],
    ['--restart', '-1\n', locked],
    ['--stop', '0\n', []],
    ['--stop', '-1\n', []],
    ['--stop', 'garbage\n', []],
    ['--stop', 'STRANGER\n', []],
    ['--restart', 'STRANGER\n', []],
  ])('%s signals nobody when it holds %j (under the lock of %j)', async (client, text, holder) => {
    using dir = tempDir();
    writeFileSync(dir.join('pid'), text);
    writeFileSync(dir.join('status'), '1:1\n');
    const result = await run([client, ...files], { cwd: dir.path, via: [...withStranger, ...holder] });
    expect(result.stderr).toMatch(/^.*--pid-file=pid: .*\n$/);
    expect(result).toMatchObject({ code: holder.length > 0 ? 1 : 3, signal: null });
  });
});
