// A message for NOTIFY_SOCKET: of what both dialects know it says the same as on the pipe.

import { deepStrictEqual, ok } from 'node:assert/strict';
import { readMessage, readWords } from '../../../src/workers/notify-words.ts';

export const words = [
  'READY=1',
  'STATUS=',
  'MAINPID=',
  '7',
  'WATCHDOG=1',
  'REPLACE=1',
  'X_PRELOADED=1',
  'FDSTORE=1',
  '\n',
];

export function fuzz(input: Buffer): void {
  const text = input.toString('utf8');
  const message = readMessage(text);
  for (const status of message.statuses) ok(!/\p{Cc}/u.test(status), JSON.stringify(status));
  ok(message.mains.length <= 1 && message.mains.every((main) => Number.isSafeInteger(main) && main > 0));
  // Of the pipe readiness is the last word.
  const others = text
    .split('\n')
    .filter((line) => line !== '' && line !== 'READY=1' && line !== 'X_PRELOADED=1');
  const { verdict, rest, preloaded, mains, ...heard } = readWords(
    Buffer.from(`${others.join('\n')}\n`).toString('latin1'),
  );
  if (verdict === 'foul' || others.length === 0) return;
  deepStrictEqual({ verdict, rest, preloaded }, { verdict: 'waiting', rest: '', preloaded: false });
  const { ready: _, mains: named, preloaded: _preloaded, ...told } = message;
  deepStrictEqual({ ...told, mains: named }, { ...heard, mains: mains.slice(-1) });
}
