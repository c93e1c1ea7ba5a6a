import { chownSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tryTurn } from '../../src/files/turn.ts';
import { tempDir } from '../support/temp-dir.ts';
import { anotherProcess } from './another-process.ts';

const isRoot = process.geteuid?.() === 0;

describe('a turn', () => {
  it('is one process’s at a time, and leaves nothing behind', async () => {
    using dir = tempDir();
    using second = await anotherProcess('files/turn.ts');
    const tries = () =>
      second.run('console.log(ours.tryTurn(words[0]) !== undefined)', { words: [dir.join('it')] }).stdout;
    const turn = tryTurn(dir.join('it'));
    expect(String(tries())).toBe('false\n');
    turn?.[Symbol.dispose]();
    expect(readdirSync(dir.path)).toEqual([]);
    expect(String(tries())).toBe('true\n');
  });

  it('is not had by a file that its last owner removes before it can be locked', async () => {
    using dir = tempDir();
    using late = await anotherProcess('files/turn.ts');
    const code = `
      const fs = require('node:fs');
      const { openSync } = fs;
      fs.openSync = (...args) => {
        const fd = openSync(...args);
        fs.unlinkSync(words[0] + '.turn');
        return fd;
      };
      console.log(ours.tryTurn(words[0]) !== undefined);
      fs.openSync = openSync;
      console.log(ours.tryTurn(words[0]) !== undefined);`;
    expect(String(late.run(code, { words: [dir.join('it')] }).stdout)).toBe('false\ntrue\n');
  });

  it('ends with the process that has it, however that ends', async () => {
    using dir = tempDir();
    using second = await anotherProcess('files/turn.ts');
    second.run(`ours.tryTurn(words[0]); process.kill(process.pid, 'SIGKILL')`, { words: [dir.join('it')] });
    const turn = tryTurn(dir.join('it'));
    expect(readdirSync(dir.path)).toEqual(['it.turn']);
    expect(turn).toBeDefined();
    turn?.[Symbol.dispose]();
    expect(readdirSync(dir.path)).toEqual([]);
  });

  it.each<[string, (path: string) => void]>([
    ['a directory', (path) => mkdirSync(path)],
    ['a link to nowhere', (path) => symlinkSync('nowhere', path)],
    ['a file in other use', (path) => writeFileSync(path, 'precious', { mode: 0o600 })],
    ['a file that others can open', (path) => writeFileSync(path, '', { mode: 0o644 })],
    ...(isRoot ? [["another user's file", anothersFile] as [string, typeof anothersFile]] : []),
  ])('is nobody’s, and %s in its place stays', (_what, plant) => {
    using dir = tempDir();
    plant(dir.join('it.turn'));
    for (const turn of [tryTurn(dir.join('it')), tryTurn(dir.join('it'))]) {
      expect(turn).toBeDefined();
      turn?.[Symbol.dispose]();
    }
    expect(readdirSync(dir.path)).toEqual(['it.turn']);
  });

  it('is nobody’s where no file can be made', () => {
    using dir = tempDir();
    expect(tryTurn(dir.join('missing/it'))).toBeDefined();
  });
});

function anothersFile(path: string): void {
  writeFileSync(path, '', { mode: 0o600 });
  chownSync(path, 54_321, 54_321);
}
