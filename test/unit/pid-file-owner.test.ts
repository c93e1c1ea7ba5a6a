import { closeSync, openSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pidFileOwner } from '../../src/files/pid-file-owner.ts';
import { lock } from '../../src/posix/file/lock.ts';
import { tempDir } from '../support/temp-dir.ts';

describe.skipIf(process.platform !== 'linux')('a pid file whose lock we have', () => {
  it.each([
    ['0'],
    ['-1'],
    [`-${process.pid}`],
    ['00'],
    ['99999999999'],
    ['pid'],
  ])('names nobody where it says %s: to be signalled that would be a group of processes, or another one', (text) => {
    expect(ownerOf(`${text}\n`)).toEqual({ kind: 'another', pid: process.pid, named: undefined });
  });

  it('names us where it says our pid', () => {
    expect(ownerOf(`${process.pid}\n`)).toEqual({ kind: 'superdaemon', pid: process.pid });
  });
});

function ownerOf(text: string) {
  using dir = tempDir();
  writeFileSync(dir.join('pid'), text);
  const [locked, fd] = [openSync(dir.join('pid'), 'r'), openSync(dir.join('pid'), 'r')];
  try {
    expect(lock(locked)).toBe(true);
    return pidFileOwner(fd);
  } finally {
    closeSync(locked);
    closeSync(fd);
  }
}
