import { mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { replaceFile } from '../../src/files/replace-file.ts';
import { tempDir } from '../support/temp-dir.ts';

const openFiles = () => readdirSync('/proc/self/fd').length;

describe('a file that is replaced', () => {
  it('has the new text and mode, and nothing else is left', () => {
    using dir = tempDir();
    writeFileSync(dir.join('file'), 'old');
    replaceFile(dir.join('file'), 'new', 0o600);
    expect(readFileSync(dir.join('file'), 'utf8')).toBe('new');
    expect(readdirSync(dir.path)).toEqual(['file']);
  });

  it('is never written through a link that somebody has planted where it is made', () => {
    using dir = tempDir();
    using _guessed = { [Symbol.dispose]: () => vi.restoreAllMocks() };
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    const planted = [dir.join('file.start-server-new'), dir.join(`file.${(0.5).toString(36).slice(2)}`)];
    writeFileSync(dir.join('precious'), 'precious');
    for (const link of planted) symlinkSync(dir.join('precious'), link);
    expect(() => replaceFile(dir.join('file'), 'new', 0o600)).toThrow('EEXIST');
    expect(readFileSync(dir.join('precious'), 'utf8')).toBe('precious');
    for (const link of planted) expect(readlinkSync(link)).toBe(dir.join('precious'));
  });

  // By links: a device itself would be gone if this failed.
  it.each(['/dev/full', '/proc/self/fd/1'])('never takes the place of %s', (device) => {
    using dir = tempDir();
    symlinkSync(device, dir.join('file'));
    expect(() => replaceFile(dir.join('file'), 'new', 0o600)).toThrow('a device, and no file');
    expect(readlinkSync(dir.join('file'))).toBe(device);
    expect(readdirSync(dir.path)).toEqual(['file']);
  });

  it('takes the place of a link to another file, or to none', () => {
    using dir = tempDir();
    writeFileSync(dir.join('precious'), 'precious');
    for (const target of ['precious', 'nowhere']) {
      symlinkSync(target, dir.join(`to-${target}`));
      replaceFile(dir.join(`to-${target}`), 'new', 0o600);
      expect(readFileSync(dir.join(`to-${target}`), 'utf8')).toBe('new');
    }
    expect(readFileSync(dir.join('precious'), 'utf8')).toBe('precious');
  });

  it('leaves no file and no descriptor where it cannot be replaced', () => {
    using dir = tempDir();
    mkdirSync(dir.join('file'));
    const before = openFiles();
    for (let count = 0; count < 20; count += 1)
      expect(() => replaceFile(dir.join('file'), 'new', 0o600)).toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(readdirSync(dir.path)).toEqual(['file']);
    expect(openFiles()).toBeLessThan(before + 10);
  });
});
