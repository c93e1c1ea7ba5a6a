import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ask } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { describeOurs } from '../support/ours.ts';
import { releases } from '../support/release.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { echoPerl } from '../support/workers.ts';

const files = ['--interval=0', '--pid-file=pid', '--status-file=status'];
const version = (to: string) => (bundle: string) => bundle.replaceAll('version:"0.1.0"', `version:"${to}"`);
const inThePlaceOf = (program: string) => ['sh', '-c', 'shift; exec "$0" "$@"', program];

describeOurs('a new program that has taken over', () => {
  it('and cannot start the log command serves on, and tries again', async () => {
    using dir = tempDir();
    const own = releases(dir);
    own.install('first');
    const args = [...files, '--log-file=| test -e go || exit 1; exec cat >> log', '--', 'sleep', '1000'];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path, via: inThePlaceOf(own.program) });
    await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^1:/));
    const upgrade = () => run(['--upgrade', '--pid-file=pid', '--quiet'], { cwd: dir.path });
    own.install('second', (bundle) =>
      bundle.replace(/(function shellSpawner.*?)\/bin\/sh/s, '$1/no/such/sh'),
    );
    expect(await upgrade()).toMatchObject({ code: 0 });
    writeFileSync(dir.join('go'), '');
    expect(await run(['--restart', ...files.slice(1)], { cwd: dir.path })).toMatchObject({ code: 0 });
    own.install('third', version('9.9.9'));
    expect(await upgrade()).toMatchObject({ code: 0 });
    const log = () => readFileSync(dir.join('log'), 'utf8');
    await eventually(() => expect(log()).toMatch(/^replaced version 0\.1\.0 by version 9\.9\.9$/m));
    expect(log()).toContain('warning: cannot start the log command: no such file or directory\n');
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(superdaemon.processes()).toEqual([]);
  });

  it('and is refused something for a moment takes over all the same, at the second try, which it says', async () => {
    using dir = tempDir();
    const own = releases(dir);
    own.install('first');
    const args = [...files, '--path=socket', '--', ...echoPerl];
    const options = { cwd: dir.path, via: inThePlaceOf(own.program) };
    await using superdaemon = startSuperdaemon(args, options);
    await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^1:/));
    const worker = await ask({ path: dir.join('socket') });
    const once = 'if (!process.env.START_SERVER_STATE.endsWith("again")) throw Error("no room");';
    own.install('second', (bundle) => bundle.replace(/function openReadiness\(\w+\) ?\{/, `$&${once}`));
    expect(await run(['--upgrade', '--pid-file=pid', '--quiet'], { cwd: dir.path })).toMatchObject({
      code: 0,
    });
    expect(superdaemon.log()).toContain(
      'warning: cannot take over, trying once more: no room\nreplaced version',
    );
    expect(await ask({ path: dir.join('socket') })).toEqual(worker);
    expect(await run(['--restart', ...files.slice(1)], { cwd: dir.path })).toMatchObject({ code: 0 });
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(superdaemon.processes()).toEqual([]);
  });

  it('and cannot go on leaves worker, socket and files to be taken over', async () => {
    using dir = tempDir();
    const own = releases(dir);
    own.install('first');
    const args = [...files, '--path=socket', '--', ...echoPerl];
    const options = { cwd: dir.path, via: inThePlaceOf(own.program) };
    await using superdaemon = startSuperdaemon(args, options);
    await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^1:/));
    const worker = await ask({ path: dir.join('socket') });
    own.install('second', (bundle) =>
      bundle.replace(/function openReadiness\(\w+\) ?\{/, '$&throw Error("no room");'),
    );
    superdaemon.signal('SIGUSR2');
    expect(await superdaemon.ended()).toEqual({ code: 1, signal: null });
    expect(superdaemon.log()).toContain('no room');
    expect(readFileSync(dir.join('status'), 'utf8')).toBe(`1:${worker.pid}\n`);
    expect(readFileSync(dir.join('pid'), 'utf8')).toBe(`${superdaemon.pid}\n`);
    expect(await ask({ path: dir.join('socket') })).toEqual(worker);

    own.install('third', version('9.9.9'));
    await using next = startSuperdaemon(args, options);
    await next.waitForLine(`taking over worker ${worker.pid} of generation 1`);
    expect(await ask({ path: dir.join('socket') })).toMatchObject({ generation: expect.any(Number) });
    next.signal('SIGTERM');
    expect(await next.ended()).toEqual({ code: 0, signal: null });
  });
});
