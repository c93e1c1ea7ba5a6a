// A status file: read to its last line, or refused with its name, by each client that looks into it; and printed again it is
// the same.

import { deepStrictEqual, ok } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { newestGeneration } from '../../../src/client/deploy-by-signal.ts';
import { statusTable } from '../../../src/client/status-table.ts';
import { reportOfFile } from '../../../src/control/report-status.ts';
import { readStatusFile } from '../../../src/files/status-file.ts';
import { orRefused } from '../../support/parsing.ts';
import { tempDir } from '../../support/temp-dir.ts';

export const words = ['1:2\n', ':', '\n', '4194304\n', '4194305\n', '0:1\n', '01:1\n', '999999999:'];

export function fuzz(input: Buffer): void {
  using dir = tempDir();
  const path = dir.join('status');
  writeFileSync(path, input);
  const refused = '--status-file=';
  const listed = orRefused(refused, () => readStatusFile(path));
  const newest = orRefused(refused, () => newestGeneration(path));
  const report = orRefused(refused, () => reportOfFile(process.pid, path));
  if (report !== undefined) ok(statusTable(report, { colour: false }).includes('serving'));
  if (listed === undefined) return deepStrictEqual([newest, report], [undefined, undefined]);
  if (newest !== undefined) ok(listed.some(({ generation }) => generation === newest));
  const written = listed.map(({ generation, pid }) => `${generation}:${pid}\n`).join('');
  const whole = input.subarray(0, input.lastIndexOf('\n') + 1);
  deepStrictEqual(written, whole.toString('latin1'));
}
