import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { releaseProgramPages } from '../../src/posix/program-pages.ts';

/** The pages of files that are mapped, and present. */
function mappedKb(): number {
  return Number(/^RssFile:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
}

describe.skipIf(process.platform !== 'linux')('the pages of program files', () => {
  it('are given back, and come again when they are needed', () => {
    const before = mappedKb();
    releaseProgramPages();
    expect(mappedKb()).toBeLessThan(before - 10_000);
    // Half of Node is needed for that.
    expect(JSON.parse(JSON.stringify({ text: 'abc'.replace(/b/u, 'x') }))).toEqual({ text: 'axc' });
    expect(new Intl.NumberFormat('de').format(1234.5)).toBe('1.234,5');
  });
});
