import { openSync, readFileSync } from 'node:fs';
import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { Strings } from '../../src/posix/libc/string-vector.ts';
import { everySignal } from '../../src/posix/process/signals.ts';
import { prepareSpawn } from '../../src/posix/process/spawn.ts';
import { reap } from '../../src/posix/process/wait.ts';
import { childProcesses } from '../support/child-processes.ts';
import { eventually } from '../support/eventually.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const lasting = Buffer.from('HOME=/\0EMPTY=\0');

describe('the environment of a process', () => {
  it('is the lasting strings, and behind them its own, whatever their number, length and bytes', async () => {
    using dir = tempDir();
    const seen = environments(dir);
    const none = Buffer.alloc(0);
    expect(await seen({ lasting, own: [] })).toEqual(['HOME=/', 'EMPTY=']);
    expect(await seen({ lasting, own: ['N=9'] })).toEqual(['HOME=/', 'EMPTY=', 'N=9']);
    expect(await seen({ lasting, own: ['N=10'] })).toEqual(['HOME=/', 'EMPTY=', 'N=10']);
    const long = `LONG=${'x'.repeat(10_000)}`;
    expect(await seen({ lasting, own: [long] })).toEqual(['HOME=/', 'EMPTY=', long]);
    expect(await seen({ lasting, own: ['N=11'] })).toEqual(['HOME=/', 'EMPTY=', 'N=11']);
    const odd = await seen({ lasting, own: ['UTF=ö→', 'RAW=\udcff\udc80', 'LAST=z'] });
    expect(odd).toEqual(['HOME=/', 'EMPTY=', 'UTF=\xc3\xb6\xe2\x86\x92', 'RAW=\xff\x80', 'LAST=z']);
    expect(await seen({ lasting: none, own: ['N=12'] })).toEqual(['N=12']);
    expect(await seen({ lasting: none, own: [] })).toEqual([]);
  });
});

describe('what a spawn lies in', () => {
  it('stays where it is, whatever else becomes of our memory', async () => {
    using dir = tempDir();
    const seen = environments(dir);
    v8.setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void; // V8's own, named by the flag.
    for (let round = 0; round < 20; round += 1) {
      collect();
      const others = Array.from({ length: 64 }, () => Buffer.alloc(4096, 0xff));
      expect(await seen({ lasting, own: [`ROUND=${round}`] })).toEqual([
        'HOME=/',
        'EMPTY=',
        `ROUND=${round}`,
      ]);
      expect(others.every((each) => each.every((byte) => byte === 0xff))).toBe(true);
    }
  });
});

describe('a program that cannot be started', () => {
  const started = (file: string, directory?: string) => () =>
    prepareSpawn({
      directory: directory === undefined ? undefined : Buffer.from(directory),
      descriptors: [],
      defaultSignals: everySignal,
      blockedSignals: [],
      openFilesLimit: 1024,
    })({ file: Buffer.from(file), argv: [Buffer.from(file)], env: { lasting, own: [] } });

  it.each([
    ['/no/such/program', undefined, 'ENOENT'],
    ['/etc/passwd', undefined, 'EACCES'],
    ['/', undefined, 'EACCES'],
    ['/bin/true', '/no/such/directory', 'ENOENT'],
    ['/bin/true', '/etc/passwd', 'ENOTDIR'],
  ])('%s in %s is told so, and leaves no process', (file, directory, code) => {
    const before = childProcesses();
    expect(started(file, directory)).toThrow(expect.objectContaining({ code }));
    expect(childProcesses()).toEqual(before);
  });
});

/** Returns what spawns env(1), always by the same template, and tells what that prints; a byte a character. */
function environments(dir: TempDir): (env: Strings) => Promise<string[]> {
  const path = dir.join('printed');
  const descriptors = [{ from: openSync(path, 'w'), to: 1 }];
  const spawn = prepareSpawn({
    descriptors,
    defaultSignals: everySignal,
    blockedSignals: [],
    openFilesLimit: 1024,
  });
  let printed = 0;
  return async (env) => {
    const pid = spawn({
      file: Buffer.from('/usr/bin/env'),
      argv: ['env', '-0'].map((word) => Buffer.from(word)),
      env,
    });
    await eventually(() => expect(reap(pid)).toEqual({ status: 0 }));
    // Somebody has reaped it: how it ended nobody can tell any more.
    expect(reap(pid)).toEqual({ status: undefined });
    const text = readFileSync(path, 'latin1').slice(printed);
    printed += text.length;
    return text.split('\0').slice(0, -1);
  };
}
