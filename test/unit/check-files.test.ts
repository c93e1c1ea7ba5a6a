import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, symlinkSync } from 'node:fs';
import { expect, it } from 'vitest';
import { checkLog, checkMetricsFile, checkStatusFile } from '../../src/files/check-files.ts';
import { canRead } from '../../src/posix/file/poll-now.ts';
import { tempDir } from '../support/temp-dir.ts';

it('a look at a log that is a named pipe does not show its reader an end', () => {
  using dir = tempDir();
  execFileSync('mkfifo', [dir.join('log')]);
  const reader = openSync(dir.join('log'), constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    checkLog({ kind: 'file', path: dir.join('log') }, new Map());
    expect(canRead(reader)).toBe(false);
  } finally {
    closeSync(reader);
  }
});

it('a device is no status file and no metrics file', () => {
  using dir = tempDir();
  const path = dir.join('null');
  symlinkSync('/dev/null', path);
  expect(() => checkStatusFile(path)).toThrow(
    `--status-file=${path}: cannot write: a device, and no file to be replaced`,
  );
  expect(() => checkMetricsFile(path)).toThrow(
    `--metrics-file=${path}: cannot write: a device, and no file to be replaced`,
  );
});
