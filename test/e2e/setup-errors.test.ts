import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ask } from '../support/client.ts';
import { freePort } from '../support/free-port.ts';
import { itOurs, skipsFixes } from '../support/ours.ts';
import { isPackage } from '../support/program.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { actor, echoPerl } from '../support/workers.ts';

const files = ['--path=socket', '--pid-file=pid', '--status-file=status'];

describe('a program that cannot be run', () => {
  itOurs.each([
    { why: 'is not there', command: './missing' },
    { why: 'is not along PATH', command: 'no-such-program' },
    { why: 'is not executable', command: './plain' },
    { why: 'is a directory', command: './directory' },
    { why: 'has an interpreter that is not there', command: './orphan' },
    { why: 'has an empty name', command: '' },
  ])('because it $why ends the first start, and leaves nothing behind', async ({ command }) => {
    using dir = tempDir();
    writeFileSync(dir.join('plain'), '#!/bin/sh\n', { mode: 0o644 });
    writeFileSync(dir.join('orphan'), '#!/no/such/interpreter\n', { mode: 0o755 });
    mkdirSync(dir.join('directory'));
    const before = readdirSync(dir.path);
    const result = await run([...files, '--', command], { cwd: dir.path });
    expect(result.code).toBeGreaterThan(0);
    expect(result.stderr).toContain(command);
    expect(result.stderr.split('\n').length - 1).toBeLessThanOrEqual(2);
    expect(result.stderr).not.toMatch(/\.c?js:\d+|\.ts:\d+|^\s+at /m);
    expect(result.leftBehind).toBe(0);
    expect(readdirSync(dir.path)).toEqual(before);
  });
});

describe('the same command started twice', () => {
  it('fails the second time and harms nothing, over TCP', async () => {
    using dir = tempDir();
    const port = await freePort();
    await using superdaemon = startSuperdaemon([`--port=${port}`, '--', ...echoPerl]);
    await superdaemon.waitForLine('starting new worker ');
    const worker = await ask({ host: '127.0.0.1', port });
    const second = await run([`--port=${port}`, ...files, '--', ...echoPerl], { cwd: dir.path });
    expect(second.code).toBeGreaterThan(0);
    expect(second.stderr).toContain(String(port));
    expect(second.leftBehind).toBe(0);
    expect(readdirSync(dir.path)).toEqual([]);
    expect(await ask({ host: '127.0.0.1', port })).toEqual(worker);
  });

  itOurs('fails the second time and harms nothing, with a pid file and a Unix socket', async () => {
    using dir = tempDir();
    const args = ['--interval=0', ...files, '--', ...echoPerl];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await superdaemon.waitForLine('starting new worker ');
    const worker = await ask({ path: dir.join('socket') });
    const before = readdirSync(dir.path);
    const second = await run(args, { cwd: dir.path });
    expect(second.code).toBeGreaterThan(0);
    expect(second.stderr).toContain(String(superdaemon.pid));
    expect(second.leftBehind).toBe(0);
    expect(readdirSync(dir.path)).toEqual(before);
    expect(await ask({ path: dir.join('socket') })).toEqual(worker);
  });
});

describe('an address that is not ours', () => {
  it.each(['192.0.2.1:0', '[2001:db8::1]:0'])('%s fails, and leaves nothing behind', async (address) => {
    using dir = tempDir();
    const result = await run([`--port=${address}`, ...files, '--', ...actor], { cwd: dir.path });
    expect(result.code).toBeGreaterThan(0);
    expect(result.stderr).toContain(address);
    expect(result.leftBehind).toBe(0);
    expect(readdirSync(dir.path)).toEqual([]);
  });
});

describe('a port above 65535', () => {
  itOurs.each(['65536', '99999', '127.0.0.1:70000'])('%s is refused', async (port) => {
    const result = await run([`--port=${port}`, '--', ...actor]);
    expect(result.code).toBeGreaterThan(0);
    expect(result.stderr).toContain(port);
    expect(result.leftBehind).toBe(0);
  });
});

describe('more sockets than the soft limit of open files has numbers', () => {
  it.skipIf(skipsFixes || isPackage)('are refused, and named', async () => {
    const via = ['sh', '-c', 'ulimit -Sn 20; exec "$@"', 'sh'];
    const ports = (count: number) => Array.from({ length: count }, () => '--port=127.0.0.1:0');
    const { code, stderr } = await run([...ports(17), '--', ...actor], { via });
    expect(code).toBe(1);
    expect(stderr).toContain(
      '--port=127.0.0.1:0: no descriptor is left for it below the limit of open files, 20',
    );
    await using superdaemon = startSuperdaemon([...ports(16), '--', 'true'], { via });
    await superdaemon.waitForLine(/^new worker \d+ seems to have failed to start, exit status:0$/);
  });
});

describe('when a later step of the start fails', () => {
  it('the sockets made by then are removed', async () => {
    using dir = tempDir();
    const result = await run([`--path=${dir.join('a')}`, `--path=${dir.join('missing/b')}`, '--', ...actor]);
    expect(result.code).toBeGreaterThan(0);
    expect(result.leftBehind).toBe(0);
    expect(readdirSync(dir.path)).toEqual([]);
  });
});
