// Files that only the command line before ours names go, provided that we have written them.

import { chownSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { dropOldFiles } from '../../src/upgrade/drop-old-files.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const table = { workers: [{ generation: 3, pid: 103 }] };

/** What is left after a command line that names none of them, or those of `now`. */
function left(dir: TempDir, now: { readonly statusFile?: string; readonly metricsFile?: string } = {}) {
  const before = { statusFile: dir.join('status'), metricsFile: dir.join('metrics') };
  dropOldFiles(before, { statusFile: undefined, metricsFile: undefined, ...now }, table);
  return readdirSync(dir.path).sort();
}

it('our own go', () => {
  using dir = tempDir();
  writeFileSync(dir.join('status'), '2:102\n3:103\n');
  writeFileSync(dir.join('metrics'), 'start_server_up 1\n');
  expect(left(dir)).toEqual([]);
});

it('those that are named again stay, however they are called', () => {
  using dir = tempDir();
  writeFileSync(dir.join('status'), '3:103\n');
  writeFileSync(dir.join('metrics'), 'start_server_up 1\n');
  symlinkSync('metrics', dir.join('link'));
  expect(left(dir, { statusFile: dir.join('status'), metricsFile: dir.join('link') })).toHaveLength(3);
});

it('those that somebody else has written stay', () => {
  using dir = tempDir();
  writeFileSync(dir.join('status'), '3:1030\n');
  writeFileSync(dir.join('metrics'), 'node_load1 1\n');
  expect(left(dir)).toEqual(['metrics', 'status']);
});

it.skipIf(process.geteuid?.() !== 0)('those of another user stay', () => {
  using dir = tempDir();
  writeFileSync(dir.join('status'), '3:103\n');
  chownSync(dir.join('status'), 54_321, 54_321);
  expect(left(dir)).toEqual(['status']);
});
