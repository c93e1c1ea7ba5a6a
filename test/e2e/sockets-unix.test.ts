import { once } from 'node:events';
import { lstatSync, mkdirSync, readdirSync, renameSync, statSync, unlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ask } from '../support/client.ts';
import { inheritedSockets, inspect } from '../support/inspect.ts';
import { itOurs } from '../support/ours.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { echoNode, echoPerl } from '../support/workers.ts';

describe('--path', () => {
  it.each([
    { language: 'Perl', worker: echoPerl },
    { language: 'Node', worker: echoNode },
  ])('serves a Unix socket with a $language worker, and removes its file at the end', async ({ worker }) => {
    using dir = tempDir();
    const path = dir.join('socket');
    await using superdaemon = startSuperdaemon(['--interval=0', `--path=${path}`, '--', ...worker]);
    await superdaemon.waitForLine('starting new worker ');
    expect(await ask({ path })).toMatchObject({ generation: 1 });
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(readdirSync(dir.path)).toEqual([]);
  });

  it('makes a socket that everyone may connect to, whatever the umask', async () => {
    using dir = tempDir();
    const path = dir.join('socket');
    const via = ['sh', '-c', 'umask 077; exec "$@"', 'sh'];
    await using superdaemon = startSuperdaemon([`--path=${path}`, '--', ...echoPerl], { via });
    await superdaemon.waitForLine('starting new worker ');
    expect(statSync(path).mode & 0o777).toBe(0o777);
  });

  it('is listed as it was typed, and relative to the directory of the superdaemon, not to --dir', async () => {
    using dir = tempDir();
    mkdirSync(dir.join('elsewhere'));
    const { report } = await inspect(['--path=./relative socket', '--dir=elsewhere'], { cwd: dir.path });
    expect(inheritedSockets(report)).toMatchObject([{ name: './relative socket' }]);
    expect(report.cwd).toBe(dir.join('elsewhere'));
    expect(lstatSync(dir.join('relative socket')).isSocket()).toBe(true);
  });

  it('may contain an equals sign, and letters that are not ASCII', async () => {
    using dir = tempDir();
    const { report } = await inspect(['--path=a=b', '--path=sök→t'], { cwd: dir.path });
    const names = inheritedSockets(report).map(({ name }) => Buffer.from(name, 'latin1').toString());
    expect(names).toEqual(['a=b', 'sök→t']);
    expect(lstatSync(dir.join('a=b')).isSocket()).toBe(true);
    expect(lstatSync(dir.join('sök→t')).isSocket()).toBe(true);
  });
});

describe('at the end', () => {
  itOurs('a socket that somebody else has put in its place is not removed', async () => {
    using dir = tempDir();
    const path = dir.join('socket');
    await using superdaemon = startSuperdaemon(['--interval=0', `--path=${path}`, '--', ...echoPerl]);
    await superdaemon.waitForLine('starting new worker ');
    await ask({ path });
    const server = createServer().listen(dir.join('theirs'));
    await once(server, 'listening');
    renameSync(dir.join('theirs'), path);
    superdaemon.signal('SIGTERM');
    await superdaemon.ended();
    expect(lstatSync(path).isSocket()).toBe(true);
    server.close();
  });

  it('a socket file that is gone already is no reason to fail', async () => {
    using dir = tempDir();
    const path = dir.join('socket');
    await using superdaemon = startSuperdaemon(['--interval=0', `--path=${path}`, '--', ...echoPerl]);
    await superdaemon.waitForLine('starting new worker ');
    await ask({ path });
    unlinkSync(path);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });
});
