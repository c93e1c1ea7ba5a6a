import { closeSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { setAside } from '../../src/files/set-aside.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

function setUp(): { readonly dir: TempDir; readonly path: string; readonly fd: number } & Disposable {
  const dir = tempDir();
  const path = dir.join('pid');
  writeFileSync(path, 'old');
  const fd = openSync(path, 'r');
  const end = () => {
    closeSync(fd);
    dir[Symbol.dispose]();
  };
  return { dir, path, fd, [Symbol.dispose]: end };
}

it('a name is taken from its file', () => {
  using file = setUp();
  setAside(file.path, file.fd, () => true);
  expect(readdirSync(file.dir.path)).toEqual([]);
});

it('a file whose lock has been taken in that very moment keeps its name', () => {
  using file = setUp();
  setAside(file.path, file.fd, () => false);
  expect(readdirSync(file.dir.path)).toEqual(['pid']);
  expect(readFileSync(file.path, 'utf8')).toBe('old');
});

it('another file that has got the name keeps it', () => {
  using file = setUp();
  rmSync(file.path);
  writeFileSync(file.path, 'new');
  setAside(file.path, file.fd, () => true);
  expect(readdirSync(file.dir.path)).toEqual(['pid']);
  expect(readFileSync(file.path, 'utf8')).toBe('new');
});

it('a file that has gone is forgiven', () => {
  using file = setUp();
  rmSync(file.path);
  setAside(file.path, file.fd, () => true);
  expect(readdirSync(file.dir.path)).toEqual([]);
});
