import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findProgram } from '../../src/posix/process/find-program.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

/** a/tool and b/tool run, a/locked may not be executed, a/folder is a directory. */
function toolbox(): TempDir {
  const dir = tempDir();
  for (const name of ['a', 'b', 'a/folder']) mkdirSync(dir.join(name));
  for (const name of ['a/tool', 'b/tool', 'b/other', 'b/locked', 'here']) {
    writeFileSync(dir.join(name), '', { mode: 0o755 });
  }
  writeFileSync(dir.join('a/locked'), '', { mode: 0o644 });
  writeFileSync(dir.join('a/data'), '', { mode: 0o644 });
  return dir;
}

describe('a program’s name', () => {
  it.each([
    ['tool', 'a:b', 'a/tool'],
    ['tool', 'b:a', 'b/tool'],
    ['other', 'a:b', 'b/other'],
    ['other', 'nowhere:b', 'b/other'],
    ['locked', 'a:b', 'b/locked'],
    ['here', '', './here'],
    ['here', 'a:', './here'],
    ['here', ':a', './here'],
    ['./here', 'a', './here'],
    ['a/tool', 'b', 'a/tool'],
  ])('%s along PATH=%s, where the worker runs, is %s', (program, path, file) => {
    using dir = toolbox();
    expect(findProgram(program, { path, directory: dir.path })).toEqual({ kind: 'found', file });
  });

  it.each([
    ['nothing', 'a:b', 'nothing: not found along PATH=a:b'],
    ['tool', '', 'tool: not found along PATH='],
    ['a/nothing', 'a', 'a/nothing: no such file'],
    ['data', 'a:b', 'data: permission denied'],
    ['a/data', 'b', 'a/data: permission denied'],
    ['folder', 'a', 'folder: permission denied'],
    ['here/x', '', 'here/x: no such file'],
  ])('%s along PATH=%s is refused: %s', (program, path, reason) => {
    using dir = toolbox();
    expect(findProgram(program, { path, directory: dir.path })).toEqual({ kind: 'missing', reason });
  });

  it('is looked for in the standard places when PATH is not set', () => {
    expect(findProgram('sh', { path: undefined, directory: undefined })).toEqual({
      kind: 'found',
      file: '/bin/sh',
    });
  });

  it('may lead through a symbolic link and up again', () => {
    using dir = toolbox();
    using other = toolbox();
    symlinkSync(other.join('a'), dir.join('link'));
    const found = findProgram('link/../here', { path: '', directory: dir.path });
    expect(found).toEqual({ kind: 'found', file: 'link/../here' });
    symlinkSync(other.join('a/folder'), dir.join('deep'));
    expect(findProgram('deep/../tool', { path: '', directory: dir.path }).kind).toBe('found');
  });

  it('may be no UTF-8', () => {
    using dir = toolbox();
    writeFileSync(Buffer.concat([Buffer.from(dir.join('x')), Buffer.of(0xff)]), '', { mode: 0o755 });
    expect(findProgram('./x\udcff', { path: '', directory: dir.path }).kind).toBe('found');
  });
});
