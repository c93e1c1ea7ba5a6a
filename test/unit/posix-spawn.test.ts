import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { posixSpawn } from '../../src/posix/process/posix-spawn.ts';
import { everySignal } from '../../src/posix/process/signals.ts';
import { reap } from '../../src/posix/process/wait.ts';
import { eventually } from '../support/eventually.ts';

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
  expect(() => spawn('/no/such/program', '/')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  expect(() => spawn('/bin/true', '/etc/passwd')).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
  expect(readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')).toBe('');
});
