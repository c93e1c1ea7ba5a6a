import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readEnvdir } from '../../src/files/envdir.ts';
import { toBytes } from '../../src/posix/libc/bytes.ts';
import { tempDir } from '../support/temp-dir.ts';

function read(fill: (path: (name: string) => string) => void) {
  using dir = tempDir();
  fill(dir.join);
  const warnings: string[] = [];
  const variables = Object.fromEntries(readEnvdir(dir.path, (message) => warnings.push(message)));
  return { variables, warnings: warnings.map((each) => each.replace(dir.path, 'DIR')) };
}

const values = (files: Record<string, string | Buffer>) =>
  read((path) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(path(name), text);
  });

describe('an envdir', () => {
  it('gives each file’s first line', () => {
    const files = { A: 'one\ntwo\n', B: 'no newline', C: ' spaces \r\n', D: '\nsecond', e: 'x=y' };
    expect(values(files)).toEqual({
      variables: { A: 'one', B: 'no newline', C: ' spaces \r', D: '', e: 'x=y' },
      warnings: [],
    });
  });

  it('passes over empty files and dot files without a word', () => {
    expect(values({ EMPTY: '', '.hidden': 'x', '.A': '' })).toEqual({ variables: {}, warnings: [] });
  });

  it('keeps names and values that are no UTF-8, byte for byte', () => {
    const { variables } = read((path) => {
      writeFileSync(Buffer.concat([Buffer.from(path('N')), Buffer.of(0xff)]), Buffer.of(0xe9, 0x0a));
    });
    const [[name, value] = ['', '']] = Object.entries(variables);
    expect([toBytes(name).toString('hex'), toBytes(value).toString('hex')]).toEqual(['4eff', 'e9']);
  });

  it('skips what cannot be a variable, and says so', () => {
    const { variables, warnings } = values({ 'A=B': 'x', NUL: 'a\0b', GOOD: 'x', LONG: 'x'.repeat(200_000) });
    expect(variables).toEqual({ GOOD: 'x' });
    expect(warnings.toSorted()).toEqual([
      'envdir DIR: skipping "A=B": a variable cannot have = in its name',
      'envdir DIR: skipping "LONG": too long for a variable',
      'envdir DIR: skipping "NUL": a variable cannot hold a NUL byte',
    ]);
  });

  it('skips what is no file that can be read, and never waits for a FIFO', () => {
    const { variables, warnings } = read((path) => {
      mkdirSync(path('DIRECTORY'));
      symlinkSync('nowhere', path('DANGLING'));
      execFileSync('mkfifo', [path('FIFO')]);
      writeFileSync(path('REAL'), 'x');
      symlinkSync('REAL', path('LINK'));
    });
    expect(variables).toEqual({ REAL: 'x', LINK: 'x' });
    expect(warnings.toSorted()).toEqual([
      'envdir DIR: skipping "DANGLING": no such file or directory',
      'envdir DIR: skipping "DIRECTORY": not a regular file',
      'envdir DIR: skipping "FIFO": not a regular file',
    ]);
  });

  it.skipIf(process.getuid?.() === 0)('skips a file that may not be read (not as root)', () => {
    const { warnings } = read((path) => {
      writeFileSync(path('SECRET'), 'x');
      chmodSync(path('SECRET'), 0);
    });
    expect(warnings).toEqual(['envdir DIR: skipping "SECRET": permission denied']);
  });

  it('takes a value as long as a variable can be, its name included', () => {
    const longest = 131_072 - 'LONG=\0'.length;
    expect(values({ LONG: 'x'.repeat(longest) }).warnings).toEqual([]);
    expect(values({ LONG: 'x'.repeat(longest + 1) }).warnings).toHaveLength(1);
    expect(values({ LONG: `${'x'.repeat(longest + 1)}\n` }).warnings).toHaveLength(1);
  });

  it('that is not there is an error', () => {
    expect(() => readEnvdir('/nonexistent/envdir', () => {})).toThrow('ENOENT');
  });
});
