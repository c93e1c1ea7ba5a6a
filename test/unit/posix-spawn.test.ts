import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { posixSpawn } from '../../src/posix/process/posix-spawn.ts';
import { everySignal } from '../../src/posix/process/signals.ts';
import { reap } from '../../src/posix/process/wait.ts';
import { childProcesses } from '../support/child-processes.ts';
import { eventually } from '../support/eventually.ts';
import { glibc, oldLibc } from '../support/old-libc.ts';
import { tempDir } from '../support/temp-dir.ts';

// What serves where a machine's code is not known: the same answers.
const spawn = (file: string, directory: string) =>
  posixSpawn({
    directory: Buffer.from(directory),
    descriptors: [{ from: 1, to: 1 }],
    defaultSignals: everySignal,
    blockedSignals: [],
    openFilesLimit: 1024,
  })({ file: Buffer.from(file), argv: [Buffer.from(file)], env: { lasting: Buffer.from('A=1\0'), own: [] } });

it('starts a program in its directory', async () => {
  const pid = spawn('/bin/true', '/');
  await eventually(() => expect(reap(pid)).toEqual({ status: 0 }));
});

it('tells why it cannot be started, and leaves no process', () => {
  const before = childProcesses();
  expect(() => spawn('/no/such/program', '/')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  expect(() => spawn('/bin/true', '/etc/passwd')).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
  expect(childProcesses()).toEqual(before);
});

if (glibc === undefined) process.stderr.write('SKIPPED: an old glibc (the C library here is another one)\n');

it.skipIf(glibc === undefined)(
  'needs no more of a glibc before 2.29 than it has, unless there is a directory',
  async () => {
    using dir = tempDir();
    const script = `
    import { posixSpawn } from './src/posix/process/posix-spawn.ts';
    const template = { descriptors: [{ from: 1, to: 1 }], defaultSignals: [], blockedSignals: [], openFilesLimit: 1024 };
    const file = Buffer.from('/bin/echo');
    const env = { lasting: Buffer.alloc(0), own: [] };
    posixSpawn(template)({ file, argv: [file, Buffer.from('started')], env });
    try { posixSpawn({ ...template, directory: Buffer.from('/') }); } catch (error) { console.error(error.message); }
  `;
    const root = fileURLToPath(new URL('../..', import.meta.url));
    await build({
      ...{ stdin: { contents: script, resolveDir: root }, outfile: dir.join('spawn.cjs'), bundle: true },
      ...{ platform: 'node', target: 'node20', external: ['koffi', '@koromix/*'], logLevel: 'warning' },
    });
    const env = { LD_LIBRARY_PATH: oldLibc(dir).directory, NODE_PATH: `${root}node_modules` };
    const { stdout, stderr } = await execa(process.execPath, [dir.join('spawn.cjs')], { env });
    expect({ stdout, stderr }).toEqual({ stdout: 'started', stderr: 'needs glibc 2.29 or later' });
  },
);
