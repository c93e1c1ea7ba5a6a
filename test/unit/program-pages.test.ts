import { describe, expect, it } from 'vitest';
import { releaseProgramPages, unchangedMappings } from '../../src/posix/process/program-pages.ts';
import { mappedKb } from '../support/proc.ts';

describe.skipIf(process.platform !== 'linux')('the pages of program files', () => {
  it('are given back, and come again when they are needed', () => {
    const before = mappedKb(process.pid);
    releaseProgramPages();
    expect(mappedKb(process.pid)).toBeLessThan(before - 10_000);
    // Half of Node is needed for that.
    expect(JSON.parse(JSON.stringify({ text: 'abc'.replace(/b/u, 'x') }))).toEqual({ text: 'axc' });
    expect(new Intl.NumberFormat('de').format(1234.5)).toBe('1.234,5');
  });
});

describe('a mapping that can be had again', () => {
  const given = { permissions: 'r-xp', inode: 7, anonymous: 0, swap: 0 };
  const mapping = (from: string, { permissions, inode, anonymous, swap }: typeof given) =>
    [
      `${from}000-${from}fff ${permissions} 00000000 fe:00 ${inode}    /usr/bin/node`,
      'Rss:                  16 kB',
      `Anonymous:      ${String(anonymous).padStart(8)} kB`,
      'AnonHugePages:         0 kB',
      `Swap:           ${String(swap).padStart(8)} kB`,
      'SwapPss:               0 kB',
      'VmFlags: rd ex mr mw me sd',
      '',
    ].join('\n');

  it.each([
    ['can be written to', { permissions: 'rw-p' }],
    ['is shared', { permissions: 'r--s' }],
    ['is of no file', { inode: 0 }],
    ['has pages of the process’s own', { anonymous: 4 }],
    ['has such pages that are swapped out', { swap: 4 }],
  ])('is none that %s', (_, but) => {
    const smaps = mapping('a', { ...given, ...but }) + mapping('b', given);
    expect([...unchangedMappings(smaps)]).toEqual([{ start: 0xb000, bytes: 0xfff }]);
  });
});
