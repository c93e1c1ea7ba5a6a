// What a worker writes into NOTIFY_FD, behind a line of numbers: it means the same however the kernel cuts it up.

import { deepStrictEqual, ok } from 'node:assert/strict';
import { heardOf, pieces } from '../../support/heard.ts';

export const words = [
  'READY=1\n',
  'STATUS=',
  'ü',
  'MAINPID=',
  '7\n',
  'WATCHDOG=1\n',
  'REPLACE=1\n',
  'X_PRELOADED=1\n',
  '1,2,3\n',
  '\n',
];

/** What is sent without a newline is understood as soon as it is there. */
const EARLY = /READY=1[^\n]/;

export function fuzz(input: Buffer): void {
  const end = input.indexOf('\n') + 1;
  const cuts = input.toString('latin1', 0, end).split(',').slice(0, 50).map(Number).filter(isLength);
  const said = input.subarray(end);
  const whole = heardOf([said]);
  for (const status of whole.statuses) ok(!/\p{Cc}/u.test(status), JSON.stringify(status));
  ok(whole.mains.every((main) => Number.isSafeInteger(main) && main > 0));
  // Blocks are of 4096 bytes, and lines of more than 1024 are none: which of them it sees first depends on the cuts.
  if (EARLY.test(said.toString('latin1')) || said.length > 1024) return;
  deepStrictEqual(heardOf(pieces(said, cuts)), whole);
}

function isLength(cut: number): boolean {
  return Number.isInteger(cut) && cut >= 0;
}
